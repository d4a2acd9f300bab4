import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, root, run } from './build.mjs'

/** Runs one seeded storm against the production build: `npm run chaos -- --seed 7 --minutes 3`. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const minutes = Number(values.minutes ?? 1)
if (!Number.isInteger(seed) || seed < 0 || !(minutes > 0)) {
  console.error('usage: npm run chaos -- [--seed <whole number>] [--minutes <number>]')
  process.exitCode = 2
} else if (await ensureBuild() === 0) {
  console.log(`seed ${seed}, ${minutes} min`)
  process.exitCode = await run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', 'tests/e2e/chaos.test.ts',
  ], { ...process.env, CHAOS_SEED: String(seed), CHAOS_MINUTES: String(minutes) })
} else {
  process.exitCode = 1
}
