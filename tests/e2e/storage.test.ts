import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../support/client'
import { SERVER_ENTRY, freePort, serverEnvironment, startServer } from '../support/server'
import { createUser, get } from '../support/session'
import { waitFor, within } from '../support/wait'

/** Starts a server that is expected to end by itself. */
async function startInVain(dataDir: string, port: number): Promise<{ code: number | null, log: string }> {
  const child = spawn(process.execPath, [SERVER_ENTRY], { stdio: ['ignore', 'pipe', 'pipe'], env: serverEnvironment(dataDir, port) })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => log += text)
  const code = await within(new Promise<number | null>(resolve => child.once('close', resolve)), 30_000, `the end of a server; its log:\n${log}`)
  return { code, log }
}

test('a start that cannot succeed ends with a sentence: a data folder in use, a taken port', async () => {
  const server = await startServer()
  const second = await startInVain(server.dataDir, await freePort())
  expect(second.code).toBe(1)
  expect(second.log).toContain(`${server.dataDir} is in use by another Lastra, process ${server.pid}`)
  const folder = await mkdtemp(join(tmpdir(), 'lastra-port-'))
  const third = await startInVain(folder, server.port)
  expect(third.code).toBe(1)
  expect(third.log).toContain(`port ${server.port} of 127.0.0.1 is taken by another program`)
  await server.restart()
  await rm(folder, { recursive: true, force: true })
  await server.stop()
})

test('[LOG-2] a data folder deleted under the server: no ack from then on, and health and log name the cause', async () => {
  const server = await startServer()
  const user = await createUser(server, 'Ann')
  const client = await connect(server, { user })
  await client.join('room')
  await client.chat('room', 'kept')
  expect((await get(server, '/api/health')).body).toMatchObject({ status: 'ok', checks: { data_folder: 'ok', disk: 'ok', database: 'ok' } })
  await rm(server.dataDir, { recursive: true, force: true })
  expect(await client.request({ type: 'chat', room: 'room', text: 'lost', client_msg_id: 'lost-1' })).toMatchObject({ type: 'error', code: 'unavailable', retryable: true })
  const { status, body } = await get(server, '/api/health')
  expect(status).toBe(503)
  expect(body).toMatchObject({ status: 'failing', checks: { data_folder: expect.stringMatching(/^gone: .*removed/), disk: 'ok' } })
  await waitFor(() => server.log().includes('nothing is stored: the database or its folder was removed'), { what: 'a word of it in the log' })
  await server.stop()
})
