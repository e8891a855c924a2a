import { defineConfig } from 'vitest/config'

/** Tests against real servers, which the tests start themselves. One file after the other: each has servers of its own. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
