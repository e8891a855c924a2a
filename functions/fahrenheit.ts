import { processor } from '#millrace'
import { sensorFahrenheit, sensorReadings } from './topics.ts'

/** The same readings in degrees Fahrenheit. */
export const fahrenheit = processor('fahrenheit')
  .from(sensorReadings)
  .map(({ sensorId, celsius, at }) => ({ sensorId, fahrenheit: (celsius * 9) / 5 + 32, at }))
  .to(sensorFahrenheit)
