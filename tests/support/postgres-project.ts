import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../server/db/client'
import { startPostgres } from './postgres'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases are made, in the suite that runs on PostgreSQL. */
    postgresPort: number
  }
}

/** What each test's database is a copy of: one with the schema in it. */
export const TEMPLATE = 'template_lastra'

/** One PostgreSQL for a run of the suite; each test makes a database of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres({ durable: false })
  await postgres.run(`create database ${TEMPLATE}`)
  await (await openDatabase(postgres.url(TEMPLATE))).close()
  project.provide('postgresPort', postgres.port)
  return () => postgres.stop()
}
