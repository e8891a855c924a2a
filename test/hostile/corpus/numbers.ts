import { both, type HostileCase, type Outcome, txText, txWith } from '../case.ts'

const amount = (literal: string, outcome: Outcome): HostileCase =>
  both(`an amount of ${literal.slice(0, 40)}`, { value: txWith('amount', literal) }, outcome)
/** Taken, but not large: the stage without state lets it go. */
const small = (literal: string): HostileCase => ({ ...amount(literal, 'counted'), largeTransactions: 'filtered' })

/** Numbers that JSON, JavaScript and DynamoDB do not agree on. */
export const numbers: readonly HostileCase[] = [
  ...['NaN', 'Infinity', '-Infinity', 'nan', '0x10', '01', '+1', '.5', '5.', '1_000', '1n', '-', '1e', '--1', '१'].map(
    (literal) => amount(literal, 'NOT_JSON'),
  ),
  ...['1e999', '-1e999', '9007199254740993', '9007199254740992', '-9007199254740992', '1.7976931348623157e308'].map(
    (literal) => amount(literal, 'NUMBER_UNSAFE'),
  ),
  amount('123456789012345678901234567890', 'NUMBER_UNSAFE'),
  amount(`1${'0'.repeat(200_000)}`, 'NUMBER_UNSAFE'),
  both('an unsafe number where nobody looks', { value: txText('"x":[[{"y":9007199254740993}]]') }, 'NUMBER_UNSAFE'),
  both('an unsafe number in an array', { value: txText('"x":[1,2,1e400]') }, 'NUMBER_UNSAFE'),
  { ...amount('9007199254740991', 'counted'), result: { largeTransactions: { amount: 9_007_199_254_740_991 } } },
  { ...amount('1000.0000000000000000000000001e1', 'counted'), result: { largeTransactions: { amount: 10_000 } } },
  { ...small('-0'), result: { cardSpend: { count: 1, total: 0, mean: 0 } } },
  { ...small('-0.0e5'), result: { cardSpend: { count: 1, total: 0, mean: 0 } } },
  { ...small('1e-400'), result: { cardSpend: { count: 1, total: 0, mean: 0 } } },
  { ...small('5e-324'), result: { cardSpend: { count: 1, total: 5e-324, mean: 5e-324 } } },
  small('-9007199254740991'),
  { ...small(`0.${'3'.repeat(200_000)}`), result: { cardSpend: { count: 1, total: 1 / 3, mean: 1 / 3 } } },
  ...['"5000"', 'null', 'true', '[]', '{}', '[5000]', '{"valueOf":5000}', '""'].map((literal) =>
    amount(literal, 'SCHEMA'),
  ),

  // The same wherever it stands, looked at or not.
  ...['1e400', '-1e309', '9007199254740992', '-9007199254740993', '1e16', '18446744073709551615'].flatMap((literal) => [
    both(`${literal} in an object`, { value: txText(`"x":{"y":${literal}}`) }, 'NUMBER_UNSAFE'),
    both(`${literal} at the end of an array`, { value: txText(`"x":[0,0,${literal}]`) }, 'NUMBER_UNSAFE'),
    both(`${literal} in place of a text`, { value: txWith('merchant', literal) }, 'NUMBER_UNSAFE'),
  ]),
  ...['1e+', '1.e1', '0b1', '0o7', '1e1.5', '0x', '1,000', '∞', '-NaN', '００', '1e-', '0e', '1f', '- 1'].map(
    (literal) => amount(literal, 'NOT_JSON'),
  ),
  ...['1e15', '9007199254740990', '1e3', '1001', '10000e-1'].map((literal) =>
    Number(literal) > 1_000 ? amount(literal, 'counted') : small(literal),
  ),
  ...['0', '-1', '1e-323', '-5e-324', '0.1e-400', '1000', '-1e15', '0e999', '-0e-999'].map(small),
]
