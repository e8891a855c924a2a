export { HandClock, settle } from '../../local/emulator/hand-clock.ts'
