import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DocPage } from './passages'

const ALONE = ['README.md', 'shared/protocol/SPEC.md']

/**
 * Reads the product's docs from a checkout: for tests, and for the build, which takes them into the server (`#docs`),
 * because where a server runs there is no checkout.
 */
export function readDocs(root: string): DocPage[] {
  const folder = join(root, 'docs')
  const pages = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).sort() : []
  return [...ALONE.filter(path => existsSync(join(root, path))), ...pages.map(name => `docs/${name.replaceAll('\\', '/')}`)]
    .map(path => ({ path, markdown: readFileSync(join(root, path), 'utf8') }))
}
