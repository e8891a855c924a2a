export type { ParkedRecord } from '../runtime/parking.ts'
export { type PipeOptions, type Row, TestDriver, testDriver, type Written } from './test-driver.ts'
