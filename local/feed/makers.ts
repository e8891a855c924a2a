import { between, oneOf, type Random, randomOf, skewed } from './random.ts'

/** Makes the records of one topic, one after the other. `nowMs` is the event time that the stream has reached. */
export type Maker = (nowMs: number) => Record<string, unknown>

const LATE_MS_MAX = 10_000
const CARDS = 20_000
const SENSORS = 200
const HOSTS = 24
const ATTACK_SHARE = 0.0005
const ATTACK_STEP_MS = 300
const SMALL_PAYMENTS = 3
const AWAY_SHARE = 0.001
const SHARED_DEVICE_SHARE = 0.0005

const MERCHANTS = ['Harbour Books', 'Metro Fuel', 'Café Lumière', 'Orbit Air', 'Bäckerei Nord', '東京マート']
const COUNTRIES = ['DE', 'FR', 'GB', 'JP', 'NL', 'PL', 'US']
/** Hamburg, Paris, Tokyo, Kraków, New York, Sydney. */
const PLACES = [
  [53.55, 9.99, 'DE'],
  [48.86, 2.35, 'FR'],
  [35.68, 139.69, 'JP'],
  [50.06, 19.94, 'PL'],
  [40.71, -74.01, 'US'],
  [-33.87, 151.21, 'AU'],
] as const
const SERVICES = ['checkout', 'search', 'billing', 'login', 'catalogue', 'shipping']
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'DEBUG', 'WARN', 'WARN', 'ERROR']
const LOG_LINES = ['request served', 'cache refreshed', 'slow upstream', 'retrying', 'connection reset']
const MESSAGES = [
  'disk almost full',
  'user signed in',
  'nightly report sent',
  'Important: rotate the signing key',
  'deploy finished',
  'password changed',
  'backup IMPORTANT, run it by hand',
  'certificate renewed',
  'queue drained',
  'an unimportant note',
]

/** Makers by topic: the topics that the generator knows. */
const makers: Readonly<Record<string, (random: Random) => Maker>> = {
  events: eventMaker,
  'sensor-readings': readingMaker,
  logs: logMaker,
  transactions: transactionMaker,
  authorizations: authorizationMaker,
}

/** Names of the topics that can be generated. */
export const generatedTopics: readonly string[] = Object.keys(makers)

/**
 * The maker of a topic's records: the same ones for the same seed, whatever other topics there are.
 * `random`: to be used in place of the seed's own numbers.
 */
export function makerOf(topic: string, seed: number, random: Random = randomOf(seed, topic)): Maker {
  return makers[topic]!(random)
}

function eventMaker(random: Random): Maker {
  let made = 0
  return (nowMs) => ({
    id: `event-${made++}`,
    message: oneOf(random, MESSAGES),
    ...(random() < 0.7 && { level: oneOf(random, LEVELS).toLowerCase() }),
    at: delayed(random, nowMs),
  })
}

function readingMaker(random: Random): Maker {
  return (nowMs) => {
    const sensor = between(random, 0, SENSORS - 1)
    const daily = Math.sin((nowMs / 86_400_000) * 2 * Math.PI) * 6
    const celsius = 15 + (sensor % 12) + daily + random() * 2
    return { sensorId: `sensor-${sensor}`, celsius: Math.round(celsius * 10) / 10, at: delayed(random, nowMs) }
  }
}

function logMaker(random: Random): Maker {
  return (nowMs) => ({
    host: `host-${skewed(random, HOSTS)}`,
    service: oneOf(random, SERVICES),
    level: oneOf(random, LEVELS),
    message: oneOf(random, LOG_LINES),
    at: delayed(random, nowMs),
  })
}

/** Mostly ordinary payments; now and then a card is tested: a few small payments, then a large one. */
function transactionMaker(random: Random): Maker {
  const planned: { cardId: string; amount: number; at: number }[] = []
  let made = 0
  return (nowMs) => {
    if (random() < ATTACK_SHARE) planned.push(...attack(random, nowMs))
    const due = planned.findIndex(({ at }) => at <= nowMs)
    const payment = due >= 0 ? planned.splice(due, 1)[0]! : ordinary(random, nowMs)
    const { cardId, amount, at } = payment
    const id = `tx-${made++}`
    return { id, cardId, amount, merchant: oneOf(random, MERCHANTS), country: oneOf(random, COUNTRIES), at }
  }
}

/** A transaction's payment as its issuer sees it: most from home, some refused; now and then from the other end of the world. */
function authorizationMaker(random: Random): Maker {
  const transaction = transactionMaker(random)
  return (nowMs) => {
    const payment = transaction(nowMs)
    const card = Number(String(payment.cardId).slice(-5))
    const [latitude, longitude, country] = random() < AWAY_SHARE ? oneOf(random, PLACES) : PLACES[card % PLACES.length]!
    // A few devices pay with many cards.
    const deviceId = random() < SHARED_DEVICE_SHARE ? `device-${card % 50}` : `device-of-${payment.cardId}`
    return { ...payment, deviceId, country, latitude, longitude, approved: random() < 0.97 }
  }
}

function ordinary(random: Random, nowMs: number) {
  const share = random()
  const [low, high] = share < 0.08 ? [100, 9_999] : share < 0.09 ? [100_001, 500_000] : [10_000, 100_000]
  return {
    cardId: cardName(skewed(random, CARDS)),
    amount: between(random, low, high) / 100,
    at: delayed(random, nowMs),
  }
}

function attack(random: Random, nowMs: number) {
  const cardId = cardName(between(random, 0, CARDS - 1))
  return Array.from({ length: SMALL_PAYMENTS + 1 }, (_, n) => ({
    cardId,
    amount: (n < SMALL_PAYMENTS ? between(random, 100, 2_000) : between(random, 150_000, 500_000)) / 100,
    at: nowMs + n * ATTACK_STEP_MS,
  }))
}

const cardName = (n: number): string => `card-${String(n).padStart(5, '0')}`

/** Most records come at once, few of them up to 10 s late. */
const delayed = (random: Random, nowMs: number): number => nowMs - Math.floor(LATE_MS_MAX * random() ** 8)
