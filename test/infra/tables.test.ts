import { describe, expect, test } from 'vitest'
import { planOf, refunds } from './fixture.ts'
import { ofType, only, synth } from './synth.ts'

describe('tables', () => {
  const template = synth()

  test('are the journal, with one key, and one table per output', () => {
    const keys = ofType(template, 'AWS::DynamoDB::Table').map(({ Properties: p }) => [p.TableName, p.KeySchema])
    expect(keys).toEqual([
      ['millrace-journal', [{ AttributeName: 'pk', KeyType: 'HASH' }]],
      [
        'card-limits',
        [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      ],
    ])
  })

  test('can be restored, are encrypted with our key, and cannot be deleted by mistake', () => {
    for (const table of ofType(template, 'AWS::DynamoDB::Table')) {
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      })
      expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain'])
    }
  })

  test('define every attribute of their keys', () => {
    for (const { Properties: p } of ofType(template, 'AWS::DynamoDB::Table')) {
      const defined = (p.AttributeDefinitions as { AttributeName: string; AttributeType: string }[]).map(
        (a) => a.AttributeName,
      )
      expect(defined).toEqual((p.KeySchema as { AttributeName: string }[]).map((k) => k.AttributeName))
    }
  })

  test('forget deleted rows of outputs; the journal forgets nothing', () => {
    const ttl = { AttributeName: 'expiresAt', Enabled: true }
    expect(
      only(template, 'AWS::DynamoDB::Table', { TableName: 'card-limits' }).Properties.TimeToLiveSpecification,
    ).toEqual(ttl)
    expect(only(template, 'AWS::DynamoDB::Table', { TableName: 'millrace-journal' }).Properties).not.toHaveProperty(
      'TimeToLiveSpecification',
    )
  })

  test('are none when no processor has state', () => {
    expect(ofType(synth({ plan: planOf(refunds) }), 'AWS::DynamoDB::Table')).toEqual([])
  })
})
