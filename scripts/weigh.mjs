import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './build.mjs'
import { ROOMY } from './lines.mjs'
import { groupOf, modulesOf } from './modules.mjs'
import { pageScript } from './page-script.mjs'
import { person, startChromium, startProduct } from './product.mjs'

/**
 * What JavaScript a page loads and, of a build made with `SOURCE_MAPS=1 npm run build`, which modules weigh most in it:
 * `npm run weigh -- / /r/room --top 40`.
 */
const { values: { top }, positionals } = parseArgs({ allowPositionals: true, options: { top: { type: 'string', default: '25' } } })
const routes = positionals.length ? positionals : ['/', '/r/weighed']

const kb = bytes => `${(bytes / 1024).toFixed(1).padStart(7)} KB`

function print(title, sizes, limit = Number(top)) {
  const rows = [...sizes].sort((a, b) => b[1] - a[1])
  console.log(`  ${title}, ${rows.length} in all:`)
  for (const [name, size] of rows.slice(0, limit)) console.log(`  ${kb(size)}  ${name}`)
}

function summed(entries) {
  const sums = new Map()
  for (const [name, size] of entries) sums.set(name, (sums.get(name) ?? 0) + size)
  return sums
}

const server = await startProduct(ROOMY)
const browser = await startChromium()
for (const route of routes) {
  const { context, page } = await person(browser, server.url, 'Visitor')
  const { compressed, list } = await pageScript(page, () => page.goto(route, { waitUntil: 'load' }))
  await context.close()
  console.log(`\n${route}: ${kb(compressed).trim()} in ${list.length} files`)
  print('Files', list.map(file => [file.url.split('/').pop(), file.wire]), 12)
  const modules = summed(list.flatMap(file => [...modulesOf(join(root, '.output/public', new URL(file.url).pathname)) ?? []]))
  if (!modules.size) continue
  print('Groups', summed([...modules].map(([name, size]) => [groupOf(name), size])))
  print('Modules', modules)
}
await browser.close()
await server.stop()
