import { processor } from '#millrace'
import { events, importantEvents } from './topics.ts'

/** Keeps the messages that say that they are important, in any case. */
export const importantEventsProcessor = processor('important-events')
  .from(events)
  .filter((event) => /important/i.test(event.message))
  .to(importantEvents)
