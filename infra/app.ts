import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { isMillraceError, plan } from '#millrace'
import { atDeclaration } from '../shared/errors.ts'
import { acknowledge } from './acknowledgements.ts'
import { bundle } from './bundle.ts'
import { settingsFrom } from './settings.ts'
import { MillraceStack } from './stack.ts'

// What `cdk` runs. Everything that it reads is in functions/ and in the context: no account, no network.
const app = new App({ analyticsReporting: false })
try {
  // Within the try: a declaration that cannot be is found as it is loaded.
  const { processors } = await import('../functions/index.ts')
  const settings = settingsFrom(app.node.getAllContext())
  const code = { processors: bundle('processors'), bootstrapBrokers: bundle('bootstrapBrokers') }
  acknowledge(new MillraceStack(app, { plan: plan(processors), settings, code }))
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
  app.synth()
} catch (error) {
  if (!isMillraceError(error)) throw error
  // The message says what to do; where it was thrown from is of no use to anybody.
  process.stderr.write(`${atDeclaration(error)}\n`)
  process.exitCode = 1
}
