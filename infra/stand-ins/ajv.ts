/**
 * In bundles, in place of `ajv`, with which the Kafka client checks the options that it is given: it compiles some fifty
 * schemas while it is loaded, three quarters of a cold start. Here every option is right: ours are typed, and the same
 * code runs with the real checks wherever it is not bundled, in all tests and on the laptop.
 */
export class Ajv2020 {
  addKeyword(): this {
    return this
  }

  compile(): () => boolean {
    return () => true
  }
}

export { Ajv2020 as Ajv }
export default Ajv2020
