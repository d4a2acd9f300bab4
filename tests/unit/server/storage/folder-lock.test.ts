import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lockFolder } from '../../../../server/storage/folder-lock'
import { within } from '../../../support/wait'

const HOLD = `
const SQLite = require(process.argv[1])
const sqlite = new SQLite(process.argv[2])
sqlite.exec('begin exclusive')
console.log('held')
setInterval(() => {}, 1000)`

it('a data folder has one server: the second is told whose it is, and gets it when the first was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-lock-'))
  const first = spawn(process.execPath, ['-e', HOLD, createRequire(import.meta.url).resolve('better-sqlite3'), join(folder, 'lastra.lock')], { stdio: ['ignore', 'pipe', 'inherit'] })
  await within(new Promise(resolve => first.stdout.once('data', resolve)), 10_000, 'the first')
  writeFileSync(join(folder, 'lastra.pid'), String(first.pid))
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by another Lastra, process ${first.pid}: end that one, or set NUXT_DATA_DIR to another folder`)
  const gone = new Promise(resolve => first.once('close', resolve))
  first.kill('SIGKILL')
  await gone
  const lock = await lockFolder(folder)
  lock.release()
  rmSync(folder, { recursive: true, force: true })
})

it('a development server that loads itself anew waits for its former self, in the same process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-lock-'))
  const first = await lockFolder(folder)
  const second = lockFolder(folder)
  first.release();
  (await second).release()
  rmSync(folder, { recursive: true, force: true })
})
