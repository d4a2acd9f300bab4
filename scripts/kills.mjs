import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, root, run } from './build.mjs'

/** Kills the production build in its first start and in an upgrade, at moments the seed decides: `npm run kills -- --kills 200 --seed 7`. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, kills: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const kills = Number(values.kills ?? 200)
if (!Number.isInteger(seed) || seed < 0 || !Number.isInteger(kills) || kills < 2) {
  console.error('usage: npm run kills -- [--seed <whole number>] [--kills <number from 2>]')
  process.exitCode = 2
} else if (await ensureBuild() === 0) {
  process.exitCode = await run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', 'tests/e2e/kills.test.ts',
  ], { ...process.env, KILLS_SEED: String(seed), KILLS: String(Math.ceil(kills / 2)) })
} else {
  process.exitCode = 1
}
