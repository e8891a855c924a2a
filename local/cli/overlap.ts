import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** True when the two are one directory or one is inside the other, by whatever names; they need not exist. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [real(resolve(a)), real(resolve(b))]
  return isWithin(one, other) || isWithin(other, one)
}

function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}

/** Without links, as far as the path exists. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(real(parent), basename(path))
  }
}
