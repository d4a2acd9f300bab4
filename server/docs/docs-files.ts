import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DocPage } from './pages'

const ALONE = ['README.md', 'shared/protocol/SPEC.md']

/**
 * Reads the product's docs from a checkout: for tests, and for the build, which takes them into the server (`#docs`),
 * because where a server runs there is no checkout.
 */
export function readDocs(root: string): DocPage[] {
  const folder = join(root, 'docs')
  const pages = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).sort() : []
  return [...ALONE.filter(path => existsSync(join(root, path))), ...pages.map(name => `docs/${name.replaceAll('\\', '/')}`)]
    .map((path) => {
      const markdown = readFileSync(join(root, path), 'utf8')
      const pictures = picturesOf(root, markdown)
      return { path, markdown, ...(Object.keys(pictures).length > 0 && { pictures }) }
    })
}

/** The folder of the pictures, which the server serves under the same name. */
export const PICTURES = 'docs/screenshots'

/** How large the pictures of a page are: a browser leaves room for them before they come. */
function picturesOf(root: string, markdown: string): NonNullable<DocPage['pictures']> {
  const names = [...markdown.matchAll(/\]\([\w./-]*screenshots\/([\w-]+\.png)\)/g)].map(([, name]) => name!)
  return Object.fromEntries(names.filter(name => existsSync(join(root, PICTURES, name))).map((name) => {
    // Width and height stand in the first chunk of a PNG (ISO/IEC 15948, 11.2.2).
    const head = readFileSync(join(root, PICTURES, name)).subarray(16, 24)
    return [name, { width: head.readUInt32BE(0), height: head.readUInt32BE(4) }]
  }))
}
