import { fileURLToPath } from 'node:url'
import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig } from 'vitest/config'
import { OF_POSTGRES, databaseSuites } from './tests/support/database-suites'

const alias = {
  '#shared': fileURLToPath(new URL('./shared', import.meta.url)),
  '#imports': fileURLToPath(new URL('./tests/support/nuxt-imports.ts', import.meta.url)),
}

/** Four suites: the core without Nuxt, what of it touches a database on PostgreSQL, components inside Nuxt, and the production build over real sockets and browsers. */
export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], exclude: [OF_POSTGRES], environment: 'node', testTimeout: 20_000 } },
      {
        resolve: { alias },
        test: {
          name: 'postgres',
          include: [`${OF_POSTGRES}/*.test.ts`, ...databaseSuites()],
          globalSetup: ['tests/support/postgres-project.ts'],
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      await defineVitestProject({ test: { name: 'nuxt', include: ['tests/nuxt/**/*.test.ts'], environment: 'nuxt' } }),
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          // Rules about elapsed time wait for real: side by side, so that the suite lasts as long as the longest.
          maxConcurrency: 64,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
