// The names that a deployment of a stack gives, in one place: the template is made with them, and operators' tools find
// things by them. No CDK here, so that those need none.

/** The name of a stack that is given none. */
export const DEFAULT_STACK = 'millrace'

/** Log group of a stage's function. No other function writes there, so it also says which function a stage has. */
export const stageLogGroup = (stack: string, stageId: string): string => `/millrace/${stack}/${stageId}`

/** The table that holds all state. */
export const journalTableName = (stack: string): string => `${stack}-journal`
