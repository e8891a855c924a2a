/** In bundles, in place of `avsc`: the Kafka client needs it for Avro in a schema registry, which nothing here reads. */
export default undefined
