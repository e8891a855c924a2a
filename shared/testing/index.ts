export type { ParkedRecord } from '../runtime/parking.ts'
export type { PipeOptions, Row, Written } from './records.ts'
export { TestDriver, testDriver } from './test-driver.ts'
