import type { Processor } from '../../shared/processor/index.ts'
import { choose, type Plan, plan } from '../../shared/processor/index.ts'
import { type GeneratorOptions, generator } from '../feed/generator.ts'
import { inputFile } from '../feed/input.ts'
import { generatedTopics } from '../feed/makers.ts'
import type { LineSource } from '../feed/source.ts'
import { type Flags, usage } from './flags.ts'
import { overlap } from './overlap.ts'

const DEFAULT_RATE = 1_000
const DEFAULT_SEED = 1

/** What a run is to do. */
export interface RunOptions {
  readonly plan: Plan
  readonly source: LineSource & { share?(): number | undefined }
  /** Topics that the source feeds. */
  readonly fedTopics: readonly string[]
  /** undefined: as fast as there is room. */
  readonly ratePerSecond: number | undefined
  readonly dataDirectory: string | undefined
  readonly brokers: readonly string[] | undefined
  readonly databaseUrl: string | undefined
  readonly exit: boolean
  readonly closeWindows: boolean
  readonly json: boolean
  readonly outputDirectory: string | undefined
  /** Things that the user should know before it starts. */
  readonly notes: readonly string[]
}

/** @throws MillraceError `USAGE` or `PROCESSORS_UNKNOWN`, with the fix, when the flags do not go together */
export function runOptions(flags: Flags, processors: readonly Processor[]): RunOptions {
  refuseContradictions(flags)
  const chosen = planOf(flags, processors)
  const feed = flags.input === undefined ? generated(flags, chosen) : fromFile(flags.input, flags.topic, chosen)
  return {
    plan: chosen,
    ...feed,
    dataDirectory: flags.data,
    brokers: flags.brokers,
    databaseUrl: flags.dynamodb,
    exit: flags.exit ?? false,
    closeWindows: flags.closeWindows ?? false,
    json: flags.json ?? false,
    outputDirectory: flags.output,
  }
}

function refuseContradictions(flags: Flags): void {
  const { input } = flags
  const generating = (['events', 'rate', 'seed'] as const).find((name) => flags[name] !== undefined)
  if (input !== undefined && generating)
    throw usage(`--${generating} is about generated records, but --input feeds a file.`, 'Leave one of them out.')
  if (flags.topic !== undefined && input === undefined)
    throw usage('--topic says where a file goes, but there is no --input.', 'Add --input FILE, or leave out --topic.')
  if (input === '-' && flags.data !== undefined)
    throw usage(
      'Standard input cannot be read again after a kill, so --data could not go on where it was.',
      'Write it to a file and give --input FILE, or leave out --data.',
    )
  if (flags.closeWindows && !flags.exit)
    throw usage('--close-windows is for the end of a run, but without --exit it has none.', 'Add --exit.')
  if (flags.exit && input === undefined && flags.events === undefined)
    throw usage('--exit waits for the end of what is produced, but that is endless.', 'Add --events N or --input FILE.')
  if (flags.data !== undefined && flags.output !== undefined && overlap(flags.data, flags.output))
    throw usage(
      `--data ${flags.data} and --output ${flags.output} would write into each other.`,
      'Give two directories, neither inside the other.',
    )
  if (flags.data !== undefined && flags.brokers && flags.dynamodb)
    throw usage(
      '--data has nothing to keep: topics are at --brokers, state is at --dynamodb.',
      'Leave out --data, or one of the others.',
    )
}

/**
 * A topic that a processor left out writes stays one of ours: its records carry identities. Unless a file is fed to it:
 * then it is, for this run, a topic from outside.
 */
function planOf({ processors: names, topic, events }: Flags, processors: readonly Processor[]): Plan {
  const whole = plan(processors)
  if (!names) return whole
  const chosen = choose(whole, names)
  const isWritten = chosen.stages.some(({ writesTopics }) => writesTopics.some(({ name }) => name === topic))
  if (chosen.stages.some(({ source }) => source.name === topic && source.role === 'output') && !isWritten)
    return plan(processors.filter(({ draft }) => names.includes(draft.name)))
  if (events !== 0) refuseNothingToFeed(chosen, whole)
  return chosen
}

/** Records of a topic that a processor writes carry its identities: nothing else can feed it. */
function refuseNothingToFeed({ topics, stages }: Plan, whole: Plan): void {
  if (topics.some(({ role }) => role === 'source')) return
  const topic = stages[0]!.source.name
  const writers = whole.stages.filter(({ writesTopics }) => writesTopics.some(({ name }) => name === topic))
  throw usage(
    `Nothing can be fed: ${topic} is written by ${writers.map(({ processor }) => processor).join(', ')}, which --processors leaves out.`,
    `Add ${writers[0]!.processor} to --processors, or give --events 0 with --data or --brokers to read what is there.`,
  )
}

type Feed = Pick<RunOptions, 'source' | 'fedTopics' | 'ratePerSecond' | 'notes'>

function generated(flags: Flags, { topics }: Plan): Feed {
  const sources = topics.filter(({ role }) => role === 'source').map(({ name }) => name)
  const known = sources.filter((name) => generatedTopics.includes(name))
  const unknown = sources.filter((name) => !generatedTopics.includes(name))
  if (known.length === 0 && flags.events !== 0)
    throw usage(
      `The generator knows no records for ${unknown.join(', ')}.`,
      `Feed them with --input FILE --topic ${unknown[0]}. It knows: ${generatedTopics.join(', ')}.`,
    )
  const rate = flags.rate ?? (flags.events === undefined ? DEFAULT_RATE : undefined)
  const options: GeneratorOptions = {
    topics: known,
    events: flags.events,
    ratePerSecond: rate ?? DEFAULT_RATE,
    seed: flags.seed ?? DEFAULT_SEED,
  }
  const notes = unknown.map(
    (name) => `No records are generated for ${name}: feed it with --input FILE --topic ${name}.`,
  )
  return { source: generator(options), fedTopics: known, ratePerSecond: rate, notes }
}

function fromFile(file: string, topic: string | undefined, { topics }: Plan): Feed {
  const sources = topics.filter(({ role }) => role === 'source').map(({ name }) => name)
  const fix = `Add --topic with one of: ${sources.join(', ')}.`
  if (topic === undefined) throw usage('--input does not say which topic the file goes to.', fix)
  if (!sources.includes(topic)) throw usage(`${JSON.stringify(topic)} is not a source topic of these processors.`, fix)
  const notes = sources.length > 1 ? [`Only ${topic} is fed; processors of other topics have nothing to do.`] : []
  return { source: inputFile(file, topic), fedTopics: [topic], ratePerSecond: undefined, notes }
}
