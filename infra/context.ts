import { MillraceError } from '../shared/errors.ts'

const arnOf = (service: string, rest: string) => new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${rest}$`)
const list = (item: string) => new RegExp(`^${item}(,${item})*$`)

/** Every setting that context may hold, with what its text must look like. Lists are joined by commas. */
const rules = {
  name: { matches: /^[a-z][a-z0-9-]{0,30}$/, must: '1 to 31 of a-z, 0-9 and "-", a letter first' },
  region: { matches: /^[a-z]{2}(-[a-z]+)+-\d$/, must: 'an AWS Region such as eu-west-1' },
  availabilityZones: { matches: list('[a-z0-9-]+[a-z]'), must: 'zone names joined by commas: eu-west-1a,eu-west-1b' },
  cluster: {
    matches:
      /^(express|standard|serverless|self-managed|arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/[^/]+\/[^/]+)$/,
    must: 'express, standard, serverless, self-managed or the ARN of an MSK cluster',
  },
  kafkaVersion: {
    // The topic APIs need 3.6; MSK supports 3.8 and later.
    matches: /^(3\.([89]|\d\d)|4\.\d+)\.(x|\d+)(\.kraft)?$/,
    must: 'a version of MSK from 3.8, such as 3.9.x.kraft',
  },
  instanceType: {
    matches: /^(express|kafka)\.[a-z0-9]+\.[a-z0-9]+$/,
    must: 'such as express.m7g.large or kafka.m7g.large',
  },
  brokers: { matches: /^[1-9]\d?$/, must: 'a whole number from 1 to 99' },
  volumeGb: { matches: /^[1-9]\d{0,4}$/, must: 'a whole number of GB' },
  bootstrapServers: { matches: list('[A-Za-z0-9.-]+:\\d+'), must: 'addresses joined by commas: k1:9096,k2:9096' },
  auth: { matches: /^(scram-sha-512|scram-sha-256|plain|none)$/, must: 'scram-sha-512, scram-sha-256, plain or none' },
  secretArn: {
    matches: arnOf('secretsmanager', 'secret:.+'),
    must: 'the ARN of a secret that holds username and password',
  },
  secretKeyArn: { matches: arnOf('kms', 'key/.+'), must: 'the ARN of the key that encrypts the secret' },
  subnetIds: { matches: list('subnet-[0-9a-f]{8,17}'), must: 'subnet ids joined by commas, one in each zone' },
  securityGroupId: { matches: /^sg-[0-9a-f]{8,17}$/, must: 'such as sg-0123456789abcdef0' },
  topics: { matches: /^(create|exist)$/, must: 'create or exist' },
  logRetentionDays: {
    matches: /^(1|3|5|7|14|30|60|90|120|150|180|365|400)$/,
    must: 'a retention that CloudWatch Logs knows, such as 30',
  },
  alarmTopicArn: { matches: arnOf('sns', '.+'), must: 'the ARN of an SNS topic' },
  pollerGroup: { matches: /^[A-Za-z0-9_-]{1,128}$/, must: '1 to 128 of a-z, A-Z, 0-9, "-" and "_"' },
  mappingLogLevel: { matches: /^(DEBUG|INFO|WARN)$/, must: 'DEBUG, INFO or WARN' },
} satisfies Record<string, { matches: RegExp; must: string }>

export type SettingName = keyof typeof rules
export type Given = Readonly<Partial<Record<SettingName, string>>>

/**
 * The settings among CDK's context, as text. Names with "@" or ":" are CDK's own and are left alone.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`; a typo must not become a silent default.
 */
export function settingsIn(context: Readonly<Record<string, unknown>>): Given {
  const given: Partial<Record<SettingName, string>> = {}
  for (const [name, value] of Object.entries(context)) {
    if (/[@:]/.test(name) || cdksOwn.includes(name)) continue
    if (!isSetting(name)) throw new MillraceError('OPTION_UNKNOWN', { where, option: name, known: known() })
    if (!rules[name].matches.test(String(value))) refuse(name, value)
    given[name] = String(value)
  }
  return given
}

/** @throws MillraceError `OPTION_INVALID`; `must` says what is allowed and is by default the form of the text. */
export function refuse(option: SettingName, given: unknown, must: string = rules[option].must): never {
  throw new MillraceError('OPTION_INVALID', { where, option, given, must })
}

const where = 'CDK context'
const cdksOwn = ['acknowledged-issue-numbers', 'cli-telemetry']
const known = (): string => Object.keys(rules).join(', ')
const isSetting = (name: string): name is SettingName => Object.hasOwn(rules, name)
