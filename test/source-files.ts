import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface SourceFile {
  readonly path: string
  /** Without comments. */
  readonly code: string
  /** What it imports: files by their path from the root, packages by name. */
  readonly imports: readonly string[]
}

export const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s{(,;])\/\/.*$/gm, '$1')

export function importsOf(path: string, code: string): string[] {
  const specifiers = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^'\s]+)'|\bURL\(\s*'(\.[^'\s]+\.ts)'/g)
  return [...specifiers].map(([, imported, url]) => {
    const specifier = imported ?? url!
    return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier
  })
}

export const filesIn = (...folders: readonly string[]): SourceFile[] =>
  folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: ['**/node_modules/**', '**/cdk.out/**'] }))
    .map((path) => path.replaceAll('\\', '/'))
    .map((path) => {
      const code = withoutComments(readFileSync(`${ROOT}${path}`, 'utf8'))
      return { path, code, imports: importsOf(path, code) }
    })

/** `file -> import` for everything that these files import and must not. */
export const forbidden = (
  files: readonly SourceFile[],
  isForbidden: (imported: string, by: string) => boolean,
): string[] =>
  files.flatMap(({ path, imports }) =>
    imports.filter((each) => isForbidden(each, path)).map((each) => `${path} -> ${each}`),
  )

/** `file: word` for every word of the pattern in the code of these files. */
export const words = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.flatMap(({ path, code }) => [...code.matchAll(pattern)].map(([word]) => `${path}: ${word}`))

export const isIn = (path: string, ...places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`))
