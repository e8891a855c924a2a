import { brokerSection } from './broker/section.ts'
import { coldStartSection } from './cold-start.ts'
import { delaySection } from './delay.ts'
import { handlerSection } from './handler.ts'
import { journalSection } from './journal/section.ts'
import { machineText } from './machine.ts'
import { type BenchOptions, parseOptions } from './options.ts'
import { patternsSection } from './patterns/section.ts'
import { tableSection } from './table.ts'
import { windowsSection } from './windows/section.ts'

const WRONG_USAGE = 2

const sections: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  handler: handlerSection,
  windows: windowsSection,
  delay: delaySection,
  patterns: patternsSection,
  journal: journalSection,
  table: tableSection,
  'cold-start': coldStartSection,
  broker: brokerSection,
}
/** Needs servers and minutes: only when it is asked for. */
const ON_DEMAND = 'broker'

const options = read()
console.log(machineText())
const usual = Object.keys(sections).filter((name) => name !== ON_DEMAND)
for (const name of options.names.length > 0 ? options.names : usual) await sections[name]!(options)

function read(): BenchOptions {
  try {
    const read = parseOptions(process.argv.slice(2))
    const unknown = read.names.find((name) => !Object.hasOwn(sections, name))
    if (unknown === undefined) return read
    throw new Error(`There is no section "${unknown}". There are ${Object.keys(sections).join(', ')}.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(WRONG_USAGE)
  }
}
