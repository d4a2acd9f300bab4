import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const SERVER = 'tests/unit/server'

/** Suites of what the embedded engine alone does: its files, its locks, its past. */
const OF_SQLITE = ['db/dialects/sqlite/', 'storage/']
/** What PostgreSQL alone does. */
export const OF_POSTGRES = `${SERVER}/db/dialects/postgres/**`

/** Every suite of the server that touches a database, by what it imports: it runs on PostgreSQL too. */
export function databaseSuites(): string[] {
  return readdirSync(join(root, SERVER), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && !OF_SQLITE.some(own => file.startsWith(own)))
    .filter(file => /from '[./]*\/support\/(?:database|core|bots-world|log-client)'/.test(readFileSync(join(root, SERVER, file), 'utf8')))
    .map(file => `${SERVER}/${file}`)
}
