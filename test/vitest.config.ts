import { defineConfig } from 'vitest/config'

/** The run of every change: no servers, no network. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/integration/**', 'test/chaos/**'],
    pool: 'threads',
    // Ten times the cases of the properties take ten times as long.
    testTimeout: Math.max(10_000, 20 * Number(process.env.PROPERTY_RUNS ?? 0)),
  },
})
