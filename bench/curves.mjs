import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../scripts/build.mjs'
import { picture } from './growth/picture.mjs'

/** Draws the curves of bench/results/growth.json into docs/performance, one picture for each family. */
export async function drawCurves() {
  const { families, date } = JSON.parse(readFileSync(join(root, 'bench/results/growth.json'), 'utf8'))
  const folder = join(root, 'docs/performance')
  mkdirSync(folder, { recursive: true })
  for (const family of families) writeFileSync(join(folder, `${family.key}.svg`), picture(family, date))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await drawCurves()
