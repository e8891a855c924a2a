import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { acknowledge } from '../../infra/acknowledgements.ts'
import { settingsFrom } from '../../infra/settings.ts'
import { MillraceStack } from '../../infra/stack.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import { fixture } from './fixture.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export interface Resource {
  readonly Type: string
  readonly Properties: { readonly [name: string]: Json }
  readonly DependsOn?: readonly string[]
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
}

export interface Template {
  readonly Resources: { readonly [logicalId: string]: Resource }
  readonly Outputs: { readonly [logicalId: string]: { readonly Description: string } }
}

interface Options {
  readonly plan?: Plan
  /** Settings, as `-c name=value` gives them. */
  readonly context?: Readonly<Record<string, string>>
}

/** The template of the fixture (or of `plan`). CloudFormation's schemas are `findings`' business: they take seconds. */
export function synth(options: Options = {}): Template {
  return inTemporaryDirectory((outdir) => {
    const app = new App({ ...quiet, outdir, builtinCloudFormationValidation: false })
    const stack = addStack(app, options)
    return app.synth().getStackByName(stack.stackName).template as Template
  })
}

/** What CDK's and cdk-nag's checks find, as `RULE path`; without what is acknowledged unless `all`. */
export function findings(options: Options & { all?: boolean } = {}): string[] {
  return inTemporaryDirectory((outdir) => {
    const app = new App({ ...quiet, outdir, context: { ...quiet.context, ...checks } })
    const stack = addStack(app, options)
    if (!options.all) acknowledge(stack)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
    try {
      app.synth()
    } catch {
      // The report says why.
    }
    return reported(join(outdir, 'validation-report.json'))
  })
}

/** All resources of `type`, in the template's order. */
export const ofType = (template: Template, type: string): Resource[] =>
  Object.values(template.Resources).filter((resource) => resource.Type === type)

/** The one resource of `type` whose properties hold `having`. */
export function only(template: Template, type: string, having: Readonly<Record<string, Json>> = {}): Resource {
  const found = ofType(template, type).filter(({ Properties }) =>
    Object.entries(having).every(([name, value]) => JSON.stringify(Properties[name]) === JSON.stringify(value)),
  )
  if (found.length !== 1) throw new Error(`${found.length} resources of ${type} with ${JSON.stringify(having)}`)
  return found[0]!
}

const quiet = { analyticsReporting: false, context: { 'aws:cdk:disable-stack-trace': true } }

/** The same as in a real run. */
const { context: checks } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>
}

function addStack(app: App, { plan = fixture, context = {} }: Options): MillraceStack {
  const stub = () => Code.fromAsset(join(import.meta.dirname, 'stub'))
  const code = { processors: stub(), bootstrapBrokers: stub() }
  return new MillraceStack(app, { plan, settings: settingsFrom(context), code })
}

function inTemporaryDirectory<T>(work: (outdir: string) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-synth-'))
  try {
    return work(outdir)
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

interface Report {
  pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[]
}

function reported(path: string): string[] {
  const { pluginReports } = JSON.parse(readFileSync(path, 'utf8')) as Report
  const violations = pluginReports.flatMap((plugin) => plugin.violations)
  return violations.flatMap(({ ruleName, violatingConstructs }) =>
    violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  )
}
