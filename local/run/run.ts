import { performance } from 'node:perf_hooks'
import { grouped } from '../cli/numbers.ts'
import type { RunOptions } from '../cli/options.ts'
import type { ProgressView } from '../cli/progress.ts'
import { systemClock } from '../emulator/clock.ts'
import type { Feeder } from '../feed/feeder.ts'
import { exportOutputs } from './export.ts'
import { newFeeder } from './feeding.ts'
import { makeDirectory } from './make-directory.ts'
import { Pipeline } from './pipeline.ts'
import { openPlaces, type Places } from './places.ts'
import { prepare } from './prepare.ts'
import { type HandlerMaker, stageRun } from './stage-run.ts'
import { type ProcessorRun, processorRuns, recordsRead, type Summary, summarize } from './summary.ts'
import { Troubles } from './troubles.ts'
import { Watch } from './watch.ts'

/** What a run gets from its surroundings. */
export interface Surroundings {
  readonly newHandler: HandlerMaker
  readonly view: ProgressView
  /** Resolves when the user wants the run to end. */
  readonly interrupted: Promise<void>
}

/** The user ended the run before it began: nothing was fed or processed. What was being opened may still be. */
export class EndedAtStart extends Error {}

/** A run that is ready to feed. */
interface Begun {
  readonly places: Places
  readonly pipeline: Pipeline
  readonly processors: readonly ProcessorRun[]
  readonly feeder: Feeder
}

/**
 * Runs the processors as the options say, until everything is fed and processed or the user ends it.
 * @returns the summary, once the pipeline has ended and outputs are exported
 * @throws EndedAtStart
 */
export async function run(options: RunOptions, around: Surroundings): Promise<Summary> {
  const startedMs = performance.now()
  if (options.outputDirectory !== undefined) makeDirectory('--output', options.outputDirectory)
  const troubles = new Troubles(around.view.say)
  const ended = around.interrupted.then((): never => {
    throw new EndedAtStart()
  })
  const begun = await Promise.race([begin(options, around, troubles), ended])
  ended.catch(() => undefined)
  const { places, pipeline, processors, feeder } = begun
  try {
    const readBefore = recordsRead(processors)
    await watched(options, around, feeder, processors, startedMs, (enter) =>
      Promise.race([work(options, around, pipeline, feeder, enter), troubles.fatal]),
    )
    await pipeline.stop()
    const elapsedMs = performance.now() - startedMs
    if (options.outputDirectory !== undefined) await exportOutputs(options.outputDirectory, options.plan, places)
    return summarize(processors, { produced: feeder.appended, elapsedMs, readBefore })
  } finally {
    await end(begun)
  }
}

async function begin(options: RunOptions, around: Surroundings, troubles: Troubles): Promise<Begun> {
  const places = await openPlaces(options)
  places.failed.catch(troubles.fail)
  const pipeline = newPipeline(options, around, places, troubles)
  try {
    for (const note of [...options.notes, ...(await prepare(options.plan, places))]) around.view.say(note)
    await pipeline.start()
    const processors = processorRuns(options.plan, pipeline.stages)
    return { places, pipeline, processors, feeder: await newFeeder(options, places, pipeline.stages) }
  } catch (error) {
    await end({ places, pipeline })
    throw error
  }
}

async function end({ places, pipeline }: Pick<Begun, 'places' | 'pipeline'>): Promise<void> {
  await pipeline.stop()
  await places.close()
}

function newPipeline(options: RunOptions, { newHandler }: Surroundings, places: Places, troubles: Troubles): Pipeline {
  const parts = { places, newHandler, log: troubles.log, onError: troubles.attempt }
  const stages = options.plan.stages.map((stage) => stageRun(stage, parts))
  return new Pipeline(stages, systemClock, troubles.attempt)
}

/** Feeds, then drains. An interruption ends the feeding early, and leaves windows open. */
async function work(
  { exit, closeWindows }: RunOptions,
  { interrupted, view }: Surroundings,
  pipeline: Pipeline,
  feeder: Feeder,
  enter: (phase: string) => void,
): Promise<void> {
  enter('running')
  const feeding = feeder.run()
  const interruption = interrupted.then(() => 'interrupted' as const)
  const reason = await Promise.race([feeding.then(() => (exit ? ('fed' as const) : interruption)), interruption])
  feeder.stop()
  await feeding
  enter('draining')
  const waiting = await pipeline.lag()
  if (reason === 'interrupted') view.say(`Draining ${grouped(waiting)} records. Ctrl-C again ends at once.`)
  else void interrupted.then(() => view.say('It is about to end by itself. Ctrl-C again ends at once.'))
  await pipeline.drain(closeWindows && reason === 'fed')
  if (reason === 'interrupted')
    view.say(`Drained ${grouped(waiting)} records: everything produced is processed and published.`)
}

/** Shows how it goes on while the work is done. */
async function watched(
  { source }: RunOptions,
  { view }: Surroundings,
  feeder: Feeder,
  processors: readonly ProcessorRun[],
  startedMs: number,
  doWork: (enter: (phase: string) => void) => Promise<void>,
): Promise<void> {
  const watch = new Watch({ processors, feeder, source })
  let phase = 'starting'
  const look = async (): Promise<void> => {
    view.show(await watch.look(performance.now() - startedMs, phase))
  }
  // A look that fails says nothing new: those who work meet the same failure.
  const timer = setInterval(() => void look().catch(() => undefined), view.everyMs)
  try {
    await doWork((entered) => {
      phase = entered
    })
    phase = 'done'
    await look()
  } finally {
    clearInterval(timer)
    view.end()
  }
}
