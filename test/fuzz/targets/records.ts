import { processors } from '../../../functions/index.ts'
import { totalsFromMetadata, totalsToMetadata, zeroTotals } from '../../../local/emulator/totals.ts'
import { plan } from '../../../shared/processor/plan.ts'
import { decoder, unread } from '../../../shared/runtime/decode.ts'
import { parseIdentity, parseProgress } from '../../../shared/runtime/identity.ts'
import { checkEvent } from '../../../shared/runtime/lambda/events.ts'
import { sample, T } from '../../lambda/harness.ts'
import { type FuzzTarget, textTarget } from '../target.ts'

const { stages } = plan(processors)
const stage = (id: string) => stages.find((each) => each.id === id)!
const place = { partition: 0, offset: 5, timestamp: T, timestampType: 'CREATE_TIME' as const }

/** Half of the bytes as the key or the headers, half as the value: so that a change meets each of them. */
const SEPARATOR = '\u0000\u0000'
const joined = (...parts: readonly string[]) => parts.join(SEPARATOR)
const partsOf = (bytes: Buffer): Buffer[] =>
  bytes
    .toString('latin1')
    .split(SEPARATOR)
    .map((part) => Buffer.from(part, 'latin1'))

const payment = {
  id: 'p',
  cardId: 'c',
  deviceId: 'd',
  amount: 5,
  merchant: 'm',
  country: 'AT',
  latitude: 1,
  longitude: 2,
}
const values: Readonly<Record<string, string>> = {
  'card-spend': joined(
    'c',
    JSON.stringify({ id: 'x', cardId: 'c', amount: 12.5, merchant: 'm', country: 'DE', at: T }),
  ),
  'card-rules': joined('c', JSON.stringify({ ...payment, approved: true, at: T })),
  'fraud-settings': joined(
    'fraud-settings',
    JSON.stringify({ name: 'fraud-settings', document: { lists: { a: ['b'] } } }),
  ),
}

const decoded = Object.entries(values).map(([id, valid]): FuzzTarget => {
  const decode = decoder(stage(id))
  const { name: topic } = stage(id).source
  return {
    name: `decode: key and value of ${topic}`,
    valid: [Buffer.from(valid)],
    read(bytes) {
      const [key, value] = partsOf(bytes)
      return decode({ ...place, topic, key: key?.toString('base64') ?? null, value: value?.toString('base64') ?? null })
    },
  }
})

const REKEYED = stage('log-counts')
const decodeOurs = decoder(REKEYED)
const log = JSON.stringify({ host: 'h', service: 's', level: 'l', message: 'm', at: T })
const ours: FuzzTarget = {
  name: 'headers: identity and progress of a topic of ours',
  valid: [
    Buffer.from(joined('\u0001["s","l"]', 'mr', `log-counts.1.rekey.3;7.0;${T}`, log)),
    Buffer.from(joined('', 'mr-progress', `3;${T}`)),
  ],
  read(bytes) {
    const [key, name, header, value] = partsOf(bytes)
    const headers = [{ [name?.toString('latin1') ?? 'mr']: header === undefined ? null : [...new Int8Array(header)] }]
    const record = { ...place, topic: REKEYED.source.name, key: key?.toString('base64') ?? null, headers }
    decodeOurs({ ...record, value: value?.toString('base64') ?? null })
    return unread(REKEYED, record, 'SKIPPED')
  },
}

/** What Lambda hands over, as far as it is JSON. */
const events = textTarget(
  'events: what a function is invoked with',
  ['msk-transactions', 'tick'].map((name) => JSON.stringify(sample(name))),
  (text) => {
    const event = jsonOf(text)
    return event === undefined ? undefined : checkEvent(event as object)
  },
)

/** undefined for what is no JSON: that is refused before it comes here. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const records: readonly FuzzTarget[] = [
  ...decoded,
  ours,
  textTarget(
    'headers: text of an identity',
    ['card-spend.1.5;9007199254740991.0;1', 'a.1.0>b.1.rekey.11;1.2.3;5'],
    parseIdentity,
  ),
  textTarget('headers: text of progress', [`3;${T}`], parseProgress),
  events,
  textTarget('cursor: counts beside a committed offset', [totalsToMetadata(zeroTotals())], totalsFromMetadata),
]
