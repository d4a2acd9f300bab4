import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAiServer } from '../../support/ai-server'
import type { AiServer } from '../../support/ai-server'
import { api, chunks, openSession, said, say, watch } from '../../support/agents'
import type { Session, Viewer } from '../../support/agents'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser } from '../../support/session'
import { waitFor } from '../../support/wait'

const STREAMS = 50
const VIEWERS = 4
/** Sessions that are spoken in side by side: few enough that their viewers are connected in time (AGT-5) however busy the machine is. */
const TOGETHER = 5
const WORDS = Array.from({ length: 60 }, (_, n) => `word${n} `)

/** Milliseconds. `own…` is without what the server waited for a processor that others had. */
interface LoopDelay {
  p99: number
  ownP99: number
  ownMax: number
  cpu: number
  samples: number
}

let ai: AiServer
let server: TestServer

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: {
    NUXT_AI_BASE_URL: ai.url, NUXT_AI_KEY: 'secret-of-the-engine', NUXT_AI_MODEL: 'test-model',
    NODE_OPTIONS: `--import ${fileURLToPath(new URL('../../support/loop-delay.mjs', import.meta.url))}`,
  } })
})
afterAll(async () => {
  await server?.stop()
  await ai?.close()
})

/** How late the server's event loop was since the last time it was asked. */
async function loopDelay(): Promise<LoopDelay> {
  const before = read()
  server.kill('SIGUSR2')
  const written = await waitFor(() => read() === before ? undefined : read(), { what: 'the server\'s loop delay' })
  return JSON.parse(written) as LoopDelay
}

function read(): string {
  try {
    return readFileSync(join(server.dataDir, 'loop-delay.json'), 'utf8')
  } catch {
    return ''
  }
}

test('[AGT-4] of fifty answers at once, with four viewers each, nobody misses a word', async () => {
  let begin = (): void => undefined
  ai.behave({ chunks: WORDS, delayMs: 40, after: new Promise<void>((resolve) => {
    begin = resolve
  }) })
  const sessions = await Promise.all(Array.from({ length: STREAMS }, async () => {
    const user = await createUser(server)
    return { user, session: await openSession(server, user) }
  }))
  const views: Viewer[] = []
  for (let first = 0; first < STREAMS; first += TOGETHER) {
    views.push(...(await Promise.all(sessions.slice(first, first + TOGETHER).map(async ({ user, session }) => {
      const streamId = await say(server, user, session, 'Tell me')
      return Promise.all(Array.from({ length: VIEWERS }, () => watch(server, user, streamId)))
    }))).flat())
  }
  await waitFor(() => ai.open === STREAMS, { timeout: 30_000, what: 'every engine to be asked' })
  await loopDelay()
  const before = loadavg()[0]
  const at = performance.now()
  begin()
  await Promise.all(views.map(view => view.ended))
  const took = performance.now() - at
  const delay = await loopDelay()
  expect(views).toHaveLength(STREAMS * VIEWERS)
  expect(views.map(view => view.status)).toEqual(views.map(() => 200))
  for (const { events } of views) {
    expect(chunks(events).at(-1)).toEqual({ type: 'finish', finishReason: 'stop' })
    expect(events.map(event => event.id)).toEqual(events.map((_, n) => n + 1))
    expect(said(events)).toBe(WORDS.join(''))
    expect(events.at(-1)?.data).toBe('[DONE]')
  }
  for (const { user, session } of sessions) {
    const { body } = await api<Session>(server, user, 'GET', `ai-agent/sessions/${session.id}`)
    expect(body.messages.map(message => message.content.text)).toEqual(['Tell me', WORDS.join('').trim()])
  }
  const deltas = views.reduce((sum, { events }) => sum + events.length, 0)
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  const figures = `${views.length} viewers of ${STREAMS} answers: ${deltas} events in ${ms(took)}; event loop late by p99 ${ms(delay.p99)}, of that its own p99 ${ms(delay.ownP99)}, at most ${ms(delay.ownMax)} (${delay.samples} samples); ${ms(delay.cpu)} of CPU; load ${before?.toFixed(1)}`
  process.stdout.write(`${figures}\n`)
})
