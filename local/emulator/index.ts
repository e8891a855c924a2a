/**
 * A Lambda event source mapping (ESM) for Kafka. `docs/emulator.md` shows its use.
 *
 * Rules that it copies. Where the documentation leaves a rule open, a setting in `Switches` of `settings.ts` is named.
 *
 *  1. One mapping reads one topic for one consumer group, from the group's commit, else from the starting position.
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-starting-positions.html
 *  2. A batch is closed when its window ends, when it has `batchRecordsMax` records, or before its JSON would pass 6 MB,
 *     whichever comes first. The next window starts when the batch is closed (provisioned), or when its invocation ends.
 *     https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 *  3. Provisioned: partitions are spread over as many pollers as there are, but no more than partitions, each with up to 5
 *     invocations. A partition is never in two batches in flight, and its records come in order.
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html
 *     On demand: `concurrency` pollers look everywhere, each with one invocation.
 *  4. A batch may hold several partitions of one poller (`mixing`).
 *     https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 *  5. Filters see the value only, and let through what they cannot read. They apply before batches are cut
 *     (`filteredCount`); a batch of which nothing is left is not delivered (`filteredCommit`, `filteredNulls`).
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html
 *     https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 *  6. The event has the documented shape: records by `topic-partition`, base64, headers as lists of bytes (`nulls`,
 *     `headerBytes`). https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 *  7. Whatever the function returns is success. With `reportFailures`, null, nothing, {} and an empty list are; objects
 *     {partition: 'topic-number', offset} name records that failed; one that was not in the event, or has another form,
 *     fails the whole batch (`oddResponses`). An error or a time-out always does.
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 *  8. What failed is given again with the same keys and offsets, and nothing else; its partitions wait, others go on.
 *  9. What is before the first record that is not done with is committed, after success (`partialCommits`). Done with is
 *     what succeeded, was filtered, or was given up.
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-consumer-group-id.html
 * 10. With `bisect`, a batch that ended in an error or a time-out is split in two, by offset (`bisectAttempts`,
 *     `partialWithBisect`). https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 * 11. There is one attempt and `retriesMax` more; without a maximum there is no end, or 10 more with an on-failure
 *     destination. Before each attempt, records older than `recordAgeMaxMs` by their timestamp are given up.
 *     https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html
 * 12. What is given up goes to the on-failure destination, one message per record to a Kafka topic and one in all to
 *     others (`ageCondition`); without a destination it is dropped. So does a record that no event can hold (`oversize`).
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
 *     https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html
 * 13. A throttled batch comes again later and has used up no attempt (`retryFirstMs`, `retryMaxMs`).
 *     https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 * 14. 10, 11, naming failures in 7 and a Kafka topic in 12 are provisioned mode's; on demand a batch is given again until
 *     it succeeds (`onDemandExtras`). https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 * 15. Records may come more than once: `Faults` loses commits, throttles, and moves partitions in the middle of a batch.
 *     https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-low-latency.html
 *
 * Not documented but reasoned: the exact cut at 6 MB (2), one batch in flight per partition (3), that a partition waits for
 * its failed records (8), what is committed after a partial success (9), the clock that ages are measured by (11).
 * Not here: scaling over time, the 5 MB/s of a poller, schema registries, authentication. The function runs in this process,
 * so one that overruns its time-out is given up, but its code goes on.
 */
export type { Clock } from './clock.ts'
export { systemClock } from './clock.ts'
export type { InvocationContext } from './environment.ts'
export type { EventSource } from './event-builder.ts'
export type { EventCounts } from './event-counts.ts'
export type { Attempt, FaultRates, Faults } from './faults.ts'
export { randomFaults } from './faults.ts'
export { HandClock } from './hand-clock.ts'
export { KafkaEmulator, kafkaEmulator } from './kafka-emulator.ts'
export type { KafkaEmulatorOptions } from './kafka-emulator-options.ts'
export type { DestinationKind, FailureBody, FailureMessage } from './rules/failure-message.ts'
export type { FilterPattern } from './rules/filter.ts'
export type { BatchItemFailure, PartialBatchResponse } from './rules/response.ts'
export type { SentRecord } from './sent-record.ts'
export { awkwardRecords } from './sent-record.ts'
export type { MappingSettings } from './settings.ts'
export { awsDefaults } from './settings.ts'
export { SourceMapping } from './source-mapping.ts'
export type { Destination, SourceMappingOptions } from './source-mapping-options.ts'
