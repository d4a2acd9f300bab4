import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePort } from '../support/server'
import { waitFor } from '../support/wait'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('[K1] the start command serves the build at PORT and HOST, keeps its data in one place, and ends with the server\'s own code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lastra-start-'))
  const port = await freePort()
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$)/.test(name)))
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    // Another folder, and a path relative to the project: the data's place depends on neither.
    cwd: tmpdir(),
    stdio: 'ignore',
    env: { ...env, PORT: String(port), HOST: '127.0.0.1', NUXT_DATA_DIR: relative(root, join(folder, 'data')) },
  })
  const ended = new Promise(resolve => child.once('close', (code, signal) => resolve(signal ?? code)))
  await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/api/health`)).ok, { timeout: 50_000, what: 'the server' })
  expect(await readdir(join(folder, 'data'))).toEqual(expect.arrayContaining(['secrets.json']))
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await rm(folder, { recursive: true, force: true })
})
