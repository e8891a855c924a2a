import type { CfnEventSourceMapping, CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'
import type { Stage } from '../shared/processor/plan-types.ts'
import { checkMapping, DEFAULT_WINDOW_MS } from './limits.ts'
import type { SelfManagedSettings, Settings } from './settings.ts'

/** The Kafka that a mapping reads. */
export type MappingSource =
  | { readonly kind: 'msk'; readonly clusterArn: string }
  | {
      readonly kind: 'self-managed'
      readonly cluster: SelfManagedSettings
      readonly subnetIds: readonly string[]
      readonly securityGroupId: string
    }

/**
 * The event source mapping of a stage: its one topic from the oldest record on, in its own consumer group, retried for
 * ever. The group's name outlives the mapping, so a mapping made anew goes on where the old one stopped.
 *
 * @throws MillraceError `OPTION_INVALID` for a mapping that would not do what it says
 */
export function mappingOf(
  stage: Stage,
  options: { functionArn: string; source: MappingSource; settings: Settings },
): CfnEventSourceMappingProps {
  const { deployment } = stage
  const windowMs = deployment.batchWindowMs
  const mapping: CfnEventSourceMappingProps = {
    functionName: options.functionArn,
    topics: [stage.source.name],
    startingPosition: 'TRIM_HORIZON',
    batchSize: deployment.batchRecordsMax,
    ...(windowMs !== DEFAULT_WINDOW_MS && { maximumBatchingWindowInSeconds: windowMs / 1_000 }),
    metricsConfig: { metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
    ...sourceOf(options.source, { consumerGroupId: stage.group }),
    ...(deployment.pollers && provisioned(deployment.pollers, options.settings)),
  }
  checkMapping(stage.id, mapping)
  return mapping
}

function sourceOf(source: MappingSource, config: { consumerGroupId: string }): Partial<CfnEventSourceMappingProps> {
  if (source.kind === 'msk') return { eventSourceArn: source.clusterArn, amazonManagedKafkaEventSourceConfig: config }
  return {
    selfManagedEventSource: { endpoints: { kafkaBootstrapServers: [...source.cluster.bootstrapServers] } },
    selfManagedKafkaEventSourceConfig: config,
    sourceAccessConfigurations: [
      ...source.subnetIds.map((id) => ({ type: 'VPC_SUBNET', uri: `subnet:${id}` })),
      { type: 'VPC_SECURITY_GROUP', uri: `security_group:${source.securityGroupId}` },
      ...credentials(source.cluster),
    ],
  }
}

function credentials({
  auth,
  secretArn,
}: SelfManagedSettings): CfnEventSourceMapping.SourceAccessConfigurationProperty[] {
  return auth === 'none' ? [] : [{ type: accessTypes[auth], uri: secretArn! }]
}

const accessTypes = {
  'scram-sha-512': 'SASL_SCRAM_512_AUTH',
  'scram-sha-256': 'SASL_SCRAM_256_AUTH',
  plain: 'BASIC_AUTH',
} as const

function provisioned(pollers: { min: number; max: number }, settings: Settings): Partial<CfnEventSourceMappingProps> {
  return {
    provisionedPollerConfig: {
      minimumPollers: pollers.min,
      maximumPollers: pollers.max,
      ...(settings.pollerGroup && { pollerGroupName: settings.pollerGroup }),
    },
    ...(settings.mappingLogLevel && { loggingConfig: { systemLogLevel: settings.mappingLogLevel } }),
  }
}
