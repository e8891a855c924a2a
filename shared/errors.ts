type Row = { readonly retriable: boolean; readonly explain: (facts: Readonly<Record<string, unknown>>) => string }

/**
 * Every error of this system: a stable code, whether doing the same again can help, and a message with the facts and
 * the way out. Branch on `code`, never on the message.
 */
const table = {
  // Declarations
  NAME_INVALID: row(
    false,
    (f) =>
      `The ${f.what} name ${quote(f.name)} cannot be used. Use 1 to ${f.max} characters of a-z, A-Z, 0-9, "-" and "_"${f.also ?? ''}, as in "card-spend".`,
  ),
  NAME_RESERVED: row(
    false,
    (f) =>
      `The topic name ${quote(f.name)} is kept for Millrace's own topics. Use one that is not "millrace-parked" and does not begin with "millrace.".`,
  ),
  OPTION_UNKNOWN: row(false, (f) => `${f.where} has no option ${quote(f.option)}. It knows: ${f.known}.`),
  OPTION_INVALID: row(false, (f) => `${f.where}: ${f.option} is ${show(f.given)}, but it must be ${f.must}.`),
  DURATION_INVALID: row(
    false,
    (f) =>
      `${f.where}: ${f.option} is ${show(f.given)} ms, but it must be a whole number of milliseconds, at least ${f.min}. Write it as seconds(30) or minutes(5).`,
  ),
  GRACE_MISSING: row(
    false,
    (f) =>
      `${f.where} has a window without a grace period. Say how long to wait for late records: .window(${f.window}.grace(seconds(30))); grace(ms(0)) drops every record that comes late.`,
  ),
  KEY_UNKNOWN: row(
    false,
    (f) =>
      `${f.where} calls keyBy() on the topic ${quote(f.topic)}, which declares no key. Declare key: (value) => … on the topic, or pass a function to keyBy().`,
  ),
  SCHEMA_ASYNC: row(
    false,
    (f) =>
      `The schema of topic ${quote(f.topic)} validates asynchronously. A processor is synchronous: take the asynchronous refinement out of the schema.`,
  ),
  OUTPUT_MISSING: row(
    false,
    (f) => `Processor ${quote(f.processor)} has no output. End it with .to(topic) or .to(table).`,
  ),
  UPDATES_WITHOUT_EVERY: row(
    false,
    (f) =>
      `Processor ${quote(f.processor)} writes every update into the table ${quote(f.table)}: one row write per record. Say how often a row may change: .emit('updates', { every: seconds(10) }).`,
  ),
  TABLE_NEEDS_KEY: row(
    false,
    (f) =>
      `Processor ${quote(f.processor)} writes rows of the table ${quote(f.table)} without a state, straight from the topic ${quote(f.topic)}, ${f.problem}: two partitions could write the same row, which belongs to the first. ${f.fix}`,
  ),
  OUTPUT_IS_SOURCE: row(
    false,
    (f) =>
      `Processor ${quote(f.processor)} writes to the topic ${quote(f.topic)} that it reads: it would feed itself for ever. Write to another topic.`,
  ),
  DUPLICATE: row(
    false,
    (f) =>
      `Two ${f.what} are called ${quote(f.name)}${f.where ? ` in ${f.where}` : ''}. ${f.fix ?? 'Rename one of them.'}`,
  ),
  GENERATION_UNKNOWN: row(
    false,
    (f) =>
      `Processor ${quote(f.processor)} reads generation ${f.generation} of the topic ${quote(f.topic)}, which is not written like that in the list. Written are: ${f.known}.`,
  ),
  PATTERN_INVALID: row(false, (f) => `${f.where}: ${f.problem} ${f.fix}`),
  SETTINGS_INVALID: row(
    false,
    (f) => `Settings refused at ${f.at}: ${f.problem}. Nothing has changed; send a corrected document.`,
  ),
  PROCESSORS_UNKNOWN: row(false, (f) => `There is no processor called ${quote(f.name)}. Declared are: ${f.known}.`),

  // State and journal
  STATE_SIGNATURE_CHANGED: row(
    false,
    (f) =>
      `The state of ${f.scope} was written by another version of the code (stored ${f.stored}, running ${f.running}). It is never read as empty: raise the processor's generation to compute it again, or deploy the earlier code.`,
  ),
  JOURNAL_DAMAGED: row(
    false,
    (f) =>
      `The journal of ${f.scope} is damaged: ${f.problem}. Stop the processor, restore the table, or raise the generation.`,
  ),
  JOURNAL_CONFLICT: row(
    true,
    (f) =>
      `Another invocation is working on ${f.scope} and won ${f.attempts} times. Nothing was lost; the batch is safe to retry.`,
  ),
  JOURNAL_UNREACHABLE: row(true, (f) => `The journal table does not answer (${f.reason}). The batch is safe to retry.`),
  JOURNAL_ITEM_TOO_LARGE: row(false, (f) => `A journal item of ${f.bytes} bytes is above the limit of ${f.max}.`),
  STATE_TOO_LARGE: row(
    false,
    (f) =>
      `The state of ${f.scope} has outgrown ${f.buckets} buckets. Give the topic more partitions, shorten windows, or let state expire.`,
  ),
  SOURCE_CHANGED: row(
    false,
    (f) =>
      `The source of ${f.scope} is not the one its state came from: ${f.problem}. Raise the processor's generation, or point it back at the old topic.`,
  ),
  HOLES_FULL: row(
    false,
    (f) =>
      `${f.scope} has parked ${f.max} ${f.what ?? 'records'}. That many are a bug, not bad records: fix the code or the schema, and raise the processor's generation.`,
  ),
  CELL_TAKEN: row(false, () => 'The key has a new piece of state of that name, which the parked one must not replace.'),
  KEY_QUEUE_FULL: row(
    false,
    (f) =>
      `Of one key ${f.max} records are parked or wait behind a parked one, as many as may. Nothing is applied out of order: the partition stands until they are redriven or discarded (npm run ops -- parked list).`,
  ),

  // Input that cannot be used: these are the reasons of parked records
  NOT_UTF8: row(false, () => 'The value is not valid UTF-8.'),
  NOT_JSON: row(false, () => 'The value is not JSON.'),
  TOO_DEEP: row(false, (f) => `The value is nested deeper than ${f.max} levels.`),
  HOSTILE_KEY: row(false, () => 'The value has a key named __proto__, constructor or prototype.'),
  NUMBER_UNSAFE: row(false, () => 'The value has a number that is not finite or is beyond 2^53 - 1.'),
  TOO_LARGE: row(false, (f) => `The ${f.what} of ${f.bytes} bytes is above the limit of ${f.max}.`),
  SCHEMA: row(false, (f) => `The value does not fit the topic's schema at ${f.path}.`),
  NULL_VALUE: row(false, () => "The value is null, which the topic's schema does not allow."),
  KEY_MISSING: row(false, () => 'The record has no key, or an empty one.'),
  KEY_MISMATCH: row(false, () => "The record's key is not the key that the topic declares for this value."),
  KEY_NOT_UTF8: row(false, () => "The record's key is not valid UTF-8."),
  TIME_INVALID: row(false, () => 'The event time is not a whole number of milliseconds from 0 on.'),
  TIME_FUTURE: row(
    false,
    (f) => `The event time is more than ${f.maxFutureMs} ms ahead of the record's own timestamp.`,
  ),
  CODE_FAILED: row(false, (f) => `The processor's own code threw ${f.error} on this ${f.what}.`),
  SKIP_MISSED: row(
    false,
    (f) =>
      `The match has no event of the step ${quote(f.step)} after its first to skip to, and the pattern asks that this be an error.`,
  ),
  CELL_TOO_LARGE: row(false, (f) => `A piece of state would grow to ${f.bytes} bytes, above the limit of ${f.max}.`),
  DISTINCT_FULL: row(
    false,
    (f) =>
      `The key already holds ${f.max} ids for distinct() within ${f.withinMs} ms, so a new one cannot be judged. Shorten the time, or raise max.`,
  ),
  WINDOWS_TOO_MANY: row(
    false,
    (f) => `The key has ${f.max} open windows, parts of windows and pending updates: this record would open one more.`,
  ),
  PARTITION_FULL: row(
    false,
    (f) =>
      `The partition holds ${f.max} ${f.what}, as many as it may: this record would add one. Let state end sooner (a shorter grace, expireAfter), or use more partitions.`,
  ),
  OUTPUT_TOO_LARGE: row(false, (f) => `An output of ${f.bytes} bytes is above the limit of ${f.max}.`),
  OUTPUTS_TOO_MANY: row(false, (f) => `One event made ${f.bytes} bytes of outputs, above the limit of ${f.max}.`),
  KILLED_FUNCTION: row(
    false,
    () => 'The function died twice on this record (time-out or memory): it was parked without being read again.',
  ),
  SKIPPED: row(false, () => 'An operator has skipped it: it was parked without being read.'),
  KEY_HELD: row(
    false,
    () =>
      "An earlier record of its key is parked, and the processor keeps the order (park: 'key'): it waits behind that one.",
  ),
  HEADER_INVALID: row(
    false,
    () => 'The record has no identity header that can be read, although only processors write its topic.',
  ),

  // Environment
  EVENT_UNKNOWN: row(
    false,
    (f) =>
      `This function takes events of Amazon MSK, of self-managed Kafka, and its own (tick, redrive, skip and so on); it was given ${f.given}.`,
  ),
  UNEXPECTED: row(
    false,
    (f) =>
      `${f.error} was thrown where nothing should be: a bug. Its message is left out, since it may quote data; the stack says where. The batch comes again.`,
  ),
  STAGE_UNKNOWN: row(false, (f) => `There is no stage ${quote(f.stage)}. Set MILLRACE_STAGE to one of: ${f.known}.`),
  SETTING_MISSING: row(false, (f) => `The environment variable ${f.name} is not set. ${f.fix}`),
  DEADLINE: row(
    true,
    (f) =>
      `Stopped ${f.remainingMs} ms before the function's time-out: ${f.done} of ${f.of} records are committed and published. The rest is safe to retry.`,
  ),
  FUNCTION_TIMED_OUT: row(
    true,
    (f) =>
      `The function ${quote(f.function)} did not answer within its ${f.timeoutMs} ms. Its records are given again.`,
  ),
  FUNCTION_THROTTLED: row(
    true,
    (f) =>
      `No execution of the function ${quote(f.function)} was free. The batch is given again; no attempt is used up.`,
  ),
  RESPONSE_INVALID: row(
    true,
    (f) =>
      `The function ${quote(f.function)} answered ${show(f.given)}, which names a record that it was not given: its whole batch is given again. Name failed records as {"itemIdentifier": {"partition": "${f.topic}-0", "offset": 7}}.`,
  ),
  RECORDS_FAILED: row(
    true,
    (f) => `The function ${quote(f.function)} named ${f.count} of its records as failed. They are given again.`,
  ),
  BROKER_UNREACHABLE: row(
    true,
    (f) =>
      `The broker ${f.address} does not answer (${f.reason}). Check that it runs and that this machine may reach it.`,
  ),
  RECORDS_UNREADABLE: row(
    false,
    (f) =>
      `Records came from the broker in a form that cannot be read: ${f.problem}. Check its log for damaged segments, and what lies between; read on behind them with a skip.`,
  ),
  SINK_UNREACHABLE: row(
    true,
    (f) => `Publishing to ${f.target} failed for now (${f.reason}). The batch is safe to retry.`,
  ),
  SINK_REFUSED: row(
    false,
    (f) =>
      `${f.target} refuses the output (${f.reason}). Check that it exists, its size limits, and the right to write to it.`,
  ),
  DATABASE_UNREACHABLE: row(
    true,
    (f) =>
      `The DynamoDB endpoint ${f.address} does not answer (${f.reason}). Check that it runs and that this machine may reach it.`,
  ),
  DATA_DAMAGED: row(
    false,
    (f) =>
      `The file ${f.file} is damaged (${f.problem}); a killed process does not leave it so. Restore the data directory from a copy, or start anew with another --data DIR.`,
  ),
  FUNCTION_FAILED: row(false, (f) => `The function of ${f.stage} failed: ${f.message}`),
  AWS_UNREACHABLE: row(
    true,
    (f) => `AWS has not done ${f.action} for now (${f.reason}). Try again; what was done is known and not done twice.`,
  ),
  AWS_REFUSED: row(false, (f) => `AWS refuses ${f.action} (${f.reason}). ${f.fix}`),
  PAUSED: row(
    true,
    (f) =>
      `${f.stage} is paused: its records wait. Let it go on with npm run ops -- resume ${f.stage} --data ${f.directory}.`,
  ),
  USAGE: row(false, (f) => `${f.problem} ${f.fix}`),
} satisfies Record<string, Row>

export type ErrorCode = keyof typeof table
export type Facts = Readonly<Record<string, unknown>>

/** Every error that this system throws. */
export class MillraceError extends Error {
  readonly code: ErrorCode
  readonly facts: Facts
  /** True when the same call may succeed later without any change of code or data. */
  readonly retriable: boolean

  constructor(code: ErrorCode, facts: Facts = {}, options?: ErrorOptions) {
    super(`${code}: ${table[code].explain(facts)}`, options)
    this.name = 'MillraceError'
    this.code = code
    this.facts = facts
    this.retriable = table[code].retriable
  }
}

/** The sentence for `code` with these facts, as it stands beside a parked record. */
export const explain = (code: ErrorCode, facts: Facts = {}): string => table[code].explain(facts)

export const isMillraceError = (error: unknown, code?: ErrorCode): error is MillraceError =>
  error instanceof MillraceError && (code === undefined || error.code === code)

const FUNCTIONS = new URL('../functions/', import.meta.url).href

/** What an error says, for a terminal: with the line of functions/ that has the declaration, if one of them has thrown it. */
export function atDeclaration({ message, stack = '' }: MillraceError): string {
  const at = stack.indexOf(FUNCTIONS)
  const place = at === -1 ? undefined : /^\S+?:\d+/.exec(stack.slice(at + FUNCTIONS.length))
  return place ? `${message}\n  at functions/${place[0]}` : message
}

/** A class of errors, or the code of one, looks like this; anything else may be data that code has put there. */
const NAME = /^[A-Za-z_$][\w$]{0,63}$/

/** The class of what was thrown, as it may be shown: never its message. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return NAME.test(String(error.name)) ? error.name : 'Error'
}

/** What an error of the outside world is called: the system's code (ECONNREFUSED) says more than "Error". */
export function reasonOf(error: unknown): string {
  const name = nameOf(error)
  const code = name === 'Error' ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && NAME.test(code) ? code : name
}

function row(retriable: boolean, explain: Row['explain']): Row {
  return { retriable, explain }
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : quote(value)
}
