import { defineConfig } from 'vitest/config'

/** Real servers and real processes, which are killed while they work. */
export default defineConfig({
  test: { include: ['test/chaos/**/*.test.ts'], pool: 'forks', hookTimeout: 300_000, testTimeout: 1_800_000 },
})
