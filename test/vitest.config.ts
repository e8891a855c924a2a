import { defineConfig } from 'vitest/config'

/** The run of every change: no servers, no network. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/integration/**', 'test/chaos/**'],
    pool: 'threads',
    testTimeout: 10_000,
  },
})
