import { count, max, mean, min, processor, seconds } from '#millrace'
import { sensorAverage, sensorReadings } from './topics.ts'

/** How warm each sensor has been so far; a row per sensor, written at most every 10 seconds of event time. */
export const sensorAverageProcessor = processor('sensor-average')
  .from(sensorReadings)
  .keyBy()
  .aggregate({
    count: count(),
    min: min((reading) => reading.celsius),
    max: max((reading) => reading.celsius),
    mean: mean((reading) => reading.celsius),
  })
  .emit('updates', { every: seconds(10) })
  .to(sensorAverage)
