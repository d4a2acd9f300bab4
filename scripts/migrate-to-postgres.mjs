import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../bench/bundle.mjs'
import { root } from './build.mjs'

/**
 * Moves an embedded database with its secrets to PostgreSQL, and compares the transcript of every room afterwards:
 * `npm run migrate-to-postgres -- --from .data --to postgres://user:password@host/database`. The server of the folder must not run;
 * what is in the folder stays as it is.
 */
const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } })
const folder = resolve(values.from ?? process.env.NUXT_DATA_DIR ?? '.data')
const target = values.to ?? process.env.NUXT_DATABASE_URL ?? ''
const file = join(folder, 'lastra.db')

if (!/^postgres(?:ql)?:\/\//.test(target) || !existsSync(file)) {
  console.error(existsSync(file) ? 'usage: npm run migrate-to-postgres -- [--from <data folder>] --to postgres://…' : `${file} is not there: name the data folder with --from`)
  process.exitCode = 2
} else {
  const { main } = await import(await bundle(join(root, 'scripts/migrate-to-postgres/main.ts'), 'migrate-to-postgres'))
  process.exitCode = await main(folder, target)
}
