import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { PlannedTable } from '../shared/processor/plan-types.ts'
import { keepData } from './encryption.ts'
import { journalTableName } from './names.ts'

/**
 * The journal: all state of all processors. Under a fixed name, so that a stack made anew stops at the table that is
 * there instead of starting with an empty one beside consumer groups that remember their offsets.
 */
export function journalTable(scope: Construct, options: { name: string; key: Key }): Table {
  return new Table(scope, 'Journal', {
    ...protectedWith(options.key),
    tableName: journalTableName(options.name),
    partitionKey: { name: 'pk', type: AttributeType.STRING },
  })
}

/** Output tables by physical name: one row per key and window, `expiresAt` (epoch seconds) on deleted rows alone. */
export function outputTables(
  scope: Construct,
  tables: readonly PlannedTable[],
  options: { key: Key },
): ReadonlyMap<string, Table> {
  return new Map(tables.map(({ physicalName }) => [physicalName, outputTable(scope, physicalName, options.key)]))
}

const outputTable = (scope: Construct, tableName: string, key: Key): Table =>
  new Table(scope, tableName, {
    ...protectedWith(key),
    tableName,
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
  })

const protectedWith = (encryptionKey: Key) => ({
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.CUSTOMER_MANAGED,
  encryptionKey,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: keepData,
})
