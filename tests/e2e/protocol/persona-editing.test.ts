import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createParser } from 'eventsource-parser'
import { startAiServer } from '../../support/ai-server'
import type { AiServer } from '../../support/ai-server'
import { addStranger, api, auditTrail, chunks, said } from '../../support/agents'
import type { StreamEvent } from '../../support/agents'
import { connect } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import { readStoredRooms } from '../../support/stored-log'
import { waitFor } from '../../support/wait'

type Who = Pick<TestUser, 'token'>

const POET = { name: 'Poet', avatar: '🪶', instructions: 'You answer in rhyme.', speaks: 'asked', answersPerMinute: 30, tokensPerHour: 5000 }

let ai: AiServer
let server: TestServer
let member: TestUser
let operator: TestUser
let admin: TestUser

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_KEY: 'secret-of-the-engine', NUXT_AI_MODEL: 'test-model' } })
  member = await createUser(server)
  operator = await createUser(server, 'Olga')
  admin = await createUser(server, 'Ada')
  await server.restart({ NUXT_OPERATORS: operator.id, NUXT_ADMINS: admin.id })
})
afterEach(() => ai.behave({}))
afterAll(async () => {
  await server?.stop()
  await ai?.close()
})

/** Tries a persona; `events` grow while the answer comes. */
async function attempt(who: Who | undefined, body: unknown) {
  const gone = new AbortController()
  const response = await fetch(`${server.url}/api/personas/try`, {
    method: 'POST', signal: gone.signal, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...who && { authorization: `Bearer ${who.token}` } },
  })
  const events: StreamEvent[] = []
  const parser = createParser({ onEvent: event => events.push({ id: Number(event.id), data: event.data }) })
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) parser.feed(decoder.decode(chunk, { stream: true }))
  }
  return { status: response.status, headers: response.headers, events, ended: read().catch(() => undefined), leave: () => gone.abort() }
}

async function usageOf(id: string): Promise<number | undefined> {
  const { body } = await api<{ usage: { id: string, tokensThisHour: number }[] }>(server, operator, 'GET', 'personas/usage')
  return body.usage.find(one => one.id === id)?.tokensThisHour
}

test('[AGT-11] operators and administrators try a persona as it is edited; nothing of it is saved', async () => {
  const room = unique('try')
  const client = await connect(server, { user: member })
  await client.join(room)
  for (const who of [operator, admin]) {
    const tried = await attempt(who, { id: 'host', settings: { ...POET, temperature: 0.3, model: 'verse-2', engine: 'openai-compatible' }, message: 'Sing' })
    await tried.ended
    expect(tried.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1')
    expect(said(tried.events)).toBe('Hello there.')
    expect(tried.events.map(({ id }) => id)).toEqual(tried.events.map((_, n) => n + 1))
    expect(chunks(tried.events)[0]).toMatchObject({ type: 'start', messageMetadata: { agentSlug: 'host', engine: 'openai-compatible', model: 'verse-2' } })
    expect([chunks(tried.events).at(-1)?.type, tried.events.at(-1)?.data]).toEqual(['finish', '[DONE]'])
    expect(ai.requests.at(-1)).toMatchObject({ model: 'verse-2', temperature: 0.3, messages: [{ content: expect.stringContaining('You answer in rhyme.') }, { content: expect.stringMatching(/: Sing$/) }] })
  }
  expect(await usageOf('host')).toBeGreaterThan(0)
  expect((await api<{ versions: unknown[] }>(server, operator, 'GET', 'personas/host/versions')).body.versions).toEqual([])
  expect((await api<{ sessions: unknown[] }>(server, operator, 'GET', 'ai-agent/sessions')).body.sessions).toEqual([])
  expect([...readStoredRooms(join(server.dataDir, 'lastra.db')).values()].flatMap(({ messages }) => messages)).toEqual([])
  const trail = auditTrail(server).filter(event => event.action === 'persona.tried')
  expect(trail.map(event => [event.user_id, event.room_id, event.detail])).toEqual([operator, admin].map(({ id }) => [id, null, '{"persona":"host","engine":"openai-compatible"}']))
  expect(server.log()).not.toMatch(/Sing|rhyme|secret-of-the-engine/)
})

test('[AGT-11] nobody else tries, deletes, restores or sees the budgets', async () => {
  const asked = ai.requests.length
  const guest = await createUser(server, 'Guest')
  const body = { id: 'host', settings: POET, message: 'Sing' }
  const stranger = await addStranger(server, unique('stranger'))
  for (const [who, status] of [[guest, 403], [member, 403], [stranger, 403], [undefined, 401], [{ token: 'forged' }, 401]] as const) {
    expect([(await attempt(who, body)).status, (await api(server, who, 'DELETE', 'personas/host')).status, (await api(server, who, 'GET', 'personas/usage')).status]).toEqual([status, status, status])
  }
  expect(ai.requests.length).toBe(asked)
})

test('[AGT-11] what is wrong in a try is named, and no engine is asked', async () => {
  const asked = ai.requests.length
  const wrong: [Record<string, unknown>, string, number][] = [
    [{ id: 'try' }, 'id', 400], [{ id: '' }, 'id', 400], [{ message: ' ' }, 'message', 400], [{ settings: { ...POET, temperature: 9 } }, 'settings.temperature', 400],
    [{ settings: { ...POET, avatar: 'abc' } }, 'settings.avatar', 400], [{ settings: undefined }, 'settings', 400], [{ message: 'x'.repeat(20_000) }, 'message', 400],
  ]
  for (const [change, field, status] of wrong) {
    const { status: got, body } = await api<{ message: string }>(server, operator, 'POST', 'personas/try', { id: 'host', settings: POET, message: 'Sing', ...change })
    expect([field, got, body.message.split(':')[0]]).toEqual([field, status, field])
  }
  expect(ai.requests.length).toBe(asked)
})

test('[AGT-11] who leaves a try stops its engine within a second, and an engine that fails says so', async () => {
  ai.behave({ chunks: ['one ', 'two ', 'three '], stallAfter: 2 })
  const tried = await attempt(operator, { id: 'host', settings: POET, message: 'Sing' })
  await waitFor(() => said(tried.events) === 'one two ')
  tried.leave()
  await waitFor(() => ai.open === 0, { timeout: 1000, what: 'the engine to be left' })
  ai.behave({ status: 401 })
  const failed = await attempt(operator, { id: 'host', settings: POET, message: 'Sing' })
  await failed.ended
  expect(chunks(failed.events).at(-1)).toEqual({ type: 'error', errorText: 'the engine refused this server\'s key' })
})

test('[AGT-11] tries of one person are bounded, and end with the budget as it was saved', async () => {
  await api(server, operator, 'PUT', 'personas/miser', { ...POET, tokensPerHour: 1000 })
  ai.behave({ chunks: ['x'.repeat(6000)] })
  const body = { id: 'miser', settings: { ...POET, tokensPerHour: 100_000_000 }, message: 'Spend' }
  const spent = await attempt(admin, body)
  await waitFor(() => said(spent.events).length === 6000)
  await spent.ended
  ai.behave({ chunks: ['y'.repeat(16)], stallAfter: 0 })
  expect(await usageOf('miser')).toBeGreaterThan(1000)
  expect((await attempt(admin, body)).status).toBe(429)
  const open = await Promise.all([1, 2].map(() => attempt(admin, { ...body, id: 'host' })))
  expect(open.map(({ status }) => status)).toEqual([200, 200])
  expect((await attempt(admin, { ...body, id: 'host' })).status).toBe(429)
  for (const { leave } of open) leave()
  await waitFor(() => ai.open === 0)
})

test('[AGT-10] a version is restored as a new one, a stale save is refused, and what the product brings is reset', async () => {
  const put = (who: Who, settings: object, version?: number) => api<{ version: number, code: string, message: string }>(server, who, 'PUT', 'personas/facilitator', { ...settings, version })
  expect((await put(operator, { ...POET, name: 'First' }, 0)).body.version).toBe(1)
  expect((await put(admin, { ...POET, name: 'Second' }, 1)).body.version).toBe(2)
  expect(await put(operator, { ...POET, name: 'Stale' }, 1)).toMatchObject({ status: 409, body: { code: 'conflict', message: 'version: there is a newer one' } })
  const versions = async () => (await api<{ versions: { version: number, name: string, by: string, byName: string, at: string, deleted?: true }[] }>(server, operator, 'GET', 'personas/facilitator/versions')).body.versions
  const [second, first] = await versions()
  expect([second, first]).toMatchObject([{ name: 'Second', by: admin.id, byName: 'Ada' }, { name: 'First', by: operator.id, byName: 'Olga' }])
  expect((await put(operator, first!, 2)).body).toMatchObject({ version: 3, name: 'First', instructions: POET.instructions })
  const room = unique('reset')
  const client = await connect(server, { user: member })
  expect((await client.join(room)).state.bots.find(bot => bot.id === 'facilitator')).toMatchObject({ name: 'First', avatar: '🪶' })
  expect((await api(server, operator, 'DELETE', 'personas/facilitator?version=2')).status).toBe(409)
  expect((await api(server, operator, 'DELETE', 'personas/facilitator?version=3')).body).toMatchObject({ deleted: false, persona: { version: 4, name: 'Facilitator' } })
  const bot = (await client.join(room)).state.bots.find(({ id }) => id === 'facilitator')
  expect(bot).toMatchObject({ name: 'Facilitator' })
  expect(bot).not.toHaveProperty('avatar')
})

test('[AGT-10] a deleted persona is in no room and answers nobody', async () => {
  const id = 'ghost'
  await api(server, operator, 'PUT', `personas/${id}`, { ...POET, version: 0 })
  const client = await connect(server, { user: admin })
  const room = unique('ghosts')
  await client.join(room)
  await client.request({ type: 'bot-toggle', room, bot: id, enabled: true })
  expect((await api(server, operator, 'DELETE', `personas/${id}?version=1`)).body).toEqual({ deleted: true })
  expect((await client.join(room)).state.bots.map(bot => bot.id)).not.toContain(id)
  expect(await client.request({ type: 'ai-request', room, bot: id, prompt: 'There?' })).toMatchObject({ type: 'error', code: 'not_found' })
  expect((await api(server, operator, 'DELETE', `personas/${id}`)).status).toBe(404)
  await server.restart()
  expect(JSON.stringify((await api(server, operator, 'GET', 'personas')).body)).not.toContain(`"${id}"`)
})

test('[AGT-12] operators see what each persona used of its budget, and nothing else of it', async () => {
  const { status, body } = await api<{ usage: object[] }>(server, operator, 'GET', 'personas/usage')
  expect(status).toBe(200)
  expect(body.usage[0]).toEqual({ id: 'host', tokensThisHour: expect.any(Number), tokensPerHour: 200_000 })
})
