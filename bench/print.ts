import Table from 'cli-table3'

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Prints the name of a section, and below it what it measures. */
export function printHeading(name: string, ...notes: readonly string[]): void {
  console.log(`\n${name}\n${'='.repeat(name.length)}`)
  for (const note of notes) console.log(note)
}

/** Prints rows under column names, without lines: the first column to the left, the others to the right. */
export function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`\n${tableText(columns, rows)}`)
}

/** The text that {@link printTable} prints. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...columns],
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((_, n) => (n === 0 ? 'left' : 'right')),
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A whole number with commas. */
export const whole = (n: number): string => Math.round(n).toLocaleString('en-US')

/** A number with so many digits after the point. */
export const fixed = (n: number, digits: number): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** A share of 1 as percent. */
export const percent = (share: number): string => `${fixed(share * 100, 1)} %`
