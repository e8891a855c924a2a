import { expect, it } from 'vitest'
import { totalsFromMetadata, totalsToMetadata, zeroTotals } from '../../../local/emulator/totals.ts'

it('counts stand beside the committed offset, and come back', () => {
  const totals = zeroTotals()
  totals.counts.read = 9
  totals.counts.late = 2
  totals.batches = 3
  expect(totalsFromMetadata(totalsToMetadata(totals))).toEqual(totals)
})

it.each([
  '',
  'of somebody else',
  '{"millrace":1,',
  '{"millrace":1,"counts":null}',
  '{"millrace":1,"counts":["x"],"also":7}',
])('beside an offset that somebody else has committed stand no counts: %s', (metadata) => {
  expect(totalsFromMetadata(metadata)).toEqual(zeroTotals())
})
