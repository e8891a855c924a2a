import type { JournalStore } from '../../journal/store.ts'
import type { TableSink } from '../../sinks/sink.ts'
import { powertoolsLog } from '../logging.ts'
import type { Ports } from '../ports.ts'
import type { LambdaSettings } from './settings.ts'

/**
 * What a stage touches of the outside world in AWS. Loads the clients that this stage needs, and no others: a stage that
 * only filters has no use for a database.
 */
export async function lambdaPorts(settings: LambdaSettings): Promise<Ports> {
  const { stage } = settings
  const usesDatabase = stage.stateful || stage.writesTables.length > 0
  const [kafka, database] = await Promise.all([
    import('./kafka.ts').then(({ kafkaPorts }) => kafkaPorts(settings)),
    usesDatabase ? import('./database.ts').then(({ databasePorts }) => databasePorts(settings)) : noDatabase,
  ])
  return { ...kafka, ...database, clock: { nowMs: Date.now }, log: powertoolsLog(stage.id) }
}

const unused = async (): Promise<never> => {
  throw new Error('a stage without state and tables has no database')
}

const noJournal: JournalStore = {
  read: unused,
  put: unused,
  usage: { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 },
  close: async () => {},
}
const noTables: TableSink = { write: unused, close: async () => {} }
const noDatabase = { journal: noJournal, tables: noTables }
