import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/**
 * Data outlives its stack: what holds any is kept when it leaves the template. One thing is different from a plain
 * "retain": what a failed first deployment made is taken back, so that the next attempt finds no names taken.
 */
export const keepData = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE

/** The customer key for brokers, journal, tables and logs. */
export function dataKey(scope: Construct): Key {
  const { account, partition, region } = Stack.of(scope)
  const key = new Key(scope, 'Key', {
    description: 'Millrace: brokers, journal, tables and logs',
    enableKeyRotation: true,
    removalPolicy: keepData,
  })
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'EncryptLogsOfThisAccount',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  )
  return key
}

/** A log group under a name that people can guess. It goes with what writes it; logs are no system of record. */
export function logGroup(scope: Construct, id: string, options: { name: string; key: Key; days: number }): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName: options.name,
    encryptionKey: options.key,
    retention: options.days,
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
