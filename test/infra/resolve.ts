import type { Json, Template } from './synth.ts'

const ACCOUNT = '111122223333'
const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** ARNs as AWS would make them, by type of resource; `id` is the logical id, `name` the name if it has one. */
const arns: Readonly<Record<string, (id: string, name: string) => string>> = {
  'AWS::DynamoDB::Table': (_, name) => arn('dynamodb', `table/${name}`),
  'AWS::IAM::Role': (id) => `arn:aws:iam::${ACCOUNT}:role/${id}`,
  'AWS::KMS::Key': (id) => arn('kms', `key/${id}`),
  'AWS::Lambda::Function': (id) => arn('lambda', `function:${id}`),
  'AWS::Logs::LogGroup': (_, name) => arn('logs', `log-group:${name}:*`),
  'AWS::MSK::Cluster': (_, name) => arn('kafka', `cluster/${name}/0f1e-2d3c-1`),
  'AWS::MSK::ServerlessCluster': (_, name) => arn('kafka', `cluster/${name}/0f1e-2d3c-s1`),
}

/** `value` with the template's references put in as AWS would, with invented ids. */
export function resolve(template: Template, value: Json): Json {
  const visit = (node: Json): Json => resolve(template, node)
  if (Array.isArray(value)) return value.map(visit)
  if (typeof value !== 'object' || value === null) return value
  const [name, argument] = Object.entries(value)[0] ?? []
  const list = (): Json[] => visit(argument!) as Json[]
  switch (name) {
    case 'Ref':
      return pseudo[argument as string] ?? nameOf(template, argument as string)
    case 'Fn::GetAtt':
      return attribute(template, ...(argument as [string, string]))
    case 'Fn::Join':
      return (list()[1] as string[]).join(list()[0] as string)
    case 'Fn::Split':
      return (list()[1] as string).split(list()[0] as string)
    case 'Fn::Select':
      return (list()[1] as Json[])[Number(list()[0])]!
    case 'Fn::Sub':
      return (argument as string).replace(/\$\{([^}]+)\}/g, (_, id: string) => String(visit({ Ref: id })))
    default:
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]))
  }
}

function attribute(template: Template, id: string, name: string): string {
  const { Type } = template.Resources[id]!
  return name === 'Arn' ? (arns[Type]?.(id, nameOf(template, id)) ?? `${id}.Arn`) : `${id}.${name}`
}

function nameOf(template: Template, id: string): string {
  const { Properties } = template.Resources[id]!
  const name = Object.entries(Properties).find(([key]) => /^(Table|LogGroup|Cluster)?Name$/.test(key))?.[1]
  return typeof name === 'string' ? name : id
}
