import { describe, expect, test } from 'vitest'
import { mappingOf } from '../../infra/mapping.ts'
import { type SelfManagedSettings, settingsFrom } from '../../infra/settings.ts'
import { spend } from './fixture.ts'

const credentialsOf = (auth: SelfManagedSettings['auth']) => {
  const cluster: SelfManagedSettings = {
    kind: 'self-managed',
    bootstrapServers: ['k1:9096'],
    auth,
    secretArn: auth === 'none' ? undefined : 'secret',
    secretKeyArn: undefined,
  }
  const source = { kind: 'self-managed', cluster, subnetIds: ['subnet'], securityGroupId: 'group' } as const
  const mapping = mappingOf(spend, { functionArn: 'function', source, settings: settingsFrom({}) })
  return (mapping.sourceAccessConfigurations as { type: string; uri: string }[]).filter(({ uri }) => uri === 'secret')
}

describe('the mapping of Kafka outside MSK signs in', () => {
  test.each([
    ['scram-sha-512', 'SASL_SCRAM_512_AUTH'],
    ['scram-sha-256', 'SASL_SCRAM_256_AUTH'],
    ['plain', 'BASIC_AUTH'],
  ] as const)('with %s as %s', (auth, type) => {
    expect(credentialsOf(auth)).toEqual([{ type, uri: 'secret' }])
  })

  test('with nothing when nothing is asked for', () => {
    expect(credentialsOf('none')).toEqual([])
  })
})
