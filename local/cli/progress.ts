import { createLogUpdate } from 'log-update'
import colors from 'picocolors'
import type { Moment, ProcessorMoment } from '../run/watch.ts'
import { bar, duration, grouped } from './numbers.ts'

/** Shows how a run goes on. */
export interface ProgressView {
  /** How often it wants a moment. */
  readonly everyMs: number
  show(moment: Moment): void
  /** A line that stays. */
  say(line: string): void
  end(): void
}

const BAR_WIDTH = 24
const LEGEND = 'open: windows, matches and updates that wait for later records'
const COLUMNS = ['records/s', 'lag', 'late', 'parked', 'emitted', 'open'] as const
const WIDTHS = [11, 10, 8, 8, 11, 9] as const

/** In a terminal a line per processor that is kept up to date, else a line of text now and then. */
export function progressView(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? liveView(stream) : plainView(stream)
}

function liveView(stream: NodeJS.WriteStream): ProgressView {
  const update = createLogUpdate(stream)
  return {
    everyMs: 200,
    show: (moment) => update(liveLines(moment).join('\n')),
    say: (line) => update.persist(line),
    end() {
      update.done()
      stream.write('\n')
    },
  }
}

function plainView(stream: NodeJS.WriteStream): ProgressView {
  const say = (line: string): void => {
    stream.write(`${line}\n`)
  }
  return { everyMs: 5_000, show: (moment) => say(plainLine(moment)), say, end: () => undefined }
}

/** The lines of the live view. */
export function liveLines({ processors, ...moment }: Moment): string[] {
  const nameWidth = Math.max(...processors.map(({ name }) => name.length)) + 1
  const header = ' '.repeat(nameWidth) + COLUMNS.map((column, n) => column.padStart(WIDTHS[n]!)).join('')
  return [
    colors.dim(header),
    ...processors.map((processor) => processor.name.padEnd(nameWidth) + cells(processor)),
    colors.dim(LEGEND),
    footer(moment),
  ]
}

function cells({ perSecond, lag, late, parked, emitted, openTimers }: ProcessorMoment): string {
  const texts = [perSecond, lag, late, parked, emitted, openTimers].map((n, column) =>
    grouped(n).padStart(WIDTHS[column]!),
  )
  if (parked > 0) texts[3] = colors.yellow(texts[3]!)
  return texts.join('')
}

function footer({ share, produced, elapsedMs, phase }: Omit<Moment, 'processors'>): string {
  const text = `${duration(elapsedMs)}  ${grouped(produced)} records produced  ${colors.dim(phase)}`
  if (share === undefined) return `${text}${phase === 'running' ? colors.dim(', Ctrl-C ends it') : ''}`
  return `${colors.cyan(bar(share, BAR_WIDTH))} ${String(Math.floor(share * 100)).padStart(3)} %  ${text}`
}

/** One line for a log. */
export function plainLine({ elapsedMs, produced, share, processors, phase }: Moment): string {
  const done = share === undefined ? '' : ` (${Math.floor(share * 100)} %)`
  const parts = processors.map(
    ({ name, read, lag }) => `${name} ${grouped(read)}${lag > 0 ? ` (${grouped(lag)} wait)` : ''}`,
  )
  return `${duration(elapsedMs)}: ${phase}, produced ${grouped(produced)}${done}; read: ${parts.join(', ')}`
}
