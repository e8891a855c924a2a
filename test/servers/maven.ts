import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface Artifact {
  /** `group:artifact:version` */
  readonly coordinates: string
  /** `group:artifact` that are not to come along. */
  readonly without?: readonly string[]
}

/** Kept between runs, outside version control. */
const CACHE = fileURLToPath(new URL('../../.millrace/servers', import.meta.url))

/**
 * The class path of the artifacts and all they need, as `java -cp` takes it.
 * The first call fetches them through Maven; later ones find them under `name` in the cache.
 */
export async function classPath(name: string, artifacts: readonly Artifact[]): Promise<string> {
  const jars = join(CACHE, name)
  if (!existsSync(jars)) await fetchJars(jars, artifacts)
  return join(jars, '*')
}

async function fetchJars(target: string, artifacts: readonly Artifact[]): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'fetching-'))
  try {
    await writeFile(join(work, 'pom.xml'), pom(artifacts))
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=jars', '-DincludeScope=runtime']
    await promisify(execFile)('mvn', ['-B', '-q', '-ntp', ...goal], { cwd: work })
    // Whoever is first wins: another run may have fetched the same meanwhile.
    await rename(join(work, 'jars'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function pom(artifacts: readonly Artifact[]): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace</groupId>
  <artifactId>servers</artifactId>
  <version>1</version>
  <dependencies>${artifacts.map(dependency).join('')}</dependencies>
</project>
`
}

function dependency({ coordinates, without = [] }: Artifact): string {
  const [group, artifact, version] = coordinates.split(':')
  const exclusions = without.map((excluded) => {
    const [excludedGroup, excludedArtifact] = excluded.split(':')
    return `<exclusion><groupId>${excludedGroup}</groupId><artifactId>${excludedArtifact}</artifactId></exclusion>`
  })
  return `<dependency>
    <groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
    <exclusions>${exclusions.join('')}</exclusions>
  </dependency>`
}
