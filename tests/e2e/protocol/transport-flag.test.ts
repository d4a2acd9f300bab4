import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, TRANSPORTS } from '../../support/client'
import { ask } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser } from '../../support/session'
import type { TestUser } from '../../support/session'

const NONE = { websocket: 0, sse: 0, polling: 0 }

let server: TestServer
let admin: TestUser
let operator: TestUser

beforeAll(async () => {
  server = await startServer({ env: { NUXT_PUBLIC_TRANSPORT: 'sse=20, polling=5%, auto' } })
  admin = await createUser(server, 'Admin')
  operator = await createUser(server, 'Operator')
  await server.restart({ NUXT_ADMINS: admin.id, NUXT_OPERATORS: operator.id })
})
afterAll(() => server?.stop())

function put(body: unknown, as: TestUser | undefined = admin): Promise<Response> {
  return ask(server, 'PUT', 'transport', { as, body })
}

async function flagOf(as?: TestUser): Promise<{ transport: string, policy?: unknown }> {
  return await (await ask(server, 'GET', 'transport', { as })).json() as { transport: string, policy?: unknown }
}

test('[FLAG-1] the policy is as configured at first; everyone learns their own transport, administrators the whole', async () => {
  expect((await flagOf(admin)).policy).toEqual({ default: 'auto', rollout: { websocket: 0, sse: 20, polling: 5 } })
  expect(await flagOf()).toEqual({ transport: 'auto' })
  for (const user of [operator, await createUser(server)]) {
    const flag = await flagOf(user)
    expect(Object.keys(flag)).toEqual(['transport'])
    expect(['auto', 'sse', 'polling']).toContain(flag.transport)
  }
})

test('[FLAG-1] only administrators set it', async () => {
  const before = (await flagOf(admin)).policy
  expect((await ask(server, 'PUT', 'transport', { body: { default: 'polling' } })).status).toBe(401)
  for (const user of [operator, await createUser(server)]) expect((await put({ default: 'polling' }, user)).status).toBe(403)
  const foreign = await ask(server, 'PUT', 'transport', { as: admin, body: { default: 'polling' }, headers: { origin: 'https://evil.example' } })
  expect(foreign.status).toBe(403)
  expect((await flagOf(admin)).policy).toEqual(before)
})

test.each<[string, unknown]>([
  ['an unknown transport', { default: 'pigeon' }], ['a number', { default: 1 }], ['a share below 0', { rollout: { sse: -1 } }], ['a share above 100', { rollout: { sse: 101 } }],
  ['shares above 100 together', { rollout: { sse: 60, polling: 41 } }], ['a text as share', { rollout: { sse: '20' } }], ['a list', []], ['null', null], ['nothing', undefined],
])('[FLAG-1] %s is 400 and changes nothing', async (_name, body) => {
  const before = (await flagOf(admin)).policy
  const response = await put(body)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'bad_frame', message: expect.any(String) })
  expect((await flagOf(admin)).policy).toEqual(before)
})

test('[FLAG-1] a share is kept, the same users have it each time, and a larger one takes nobody out', async () => {
  const users = await Promise.all(Array.from({ length: 120 }, () => createUser(server)))
  const takers = async (transport: string): Promise<Set<string>> => {
    const flags = await Promise.all(users.map(async user => [user.id, (await flagOf(user)).transport] as const))
    return new Set(flags.filter(([, taken]) => taken === transport).map(([id]) => id))
  }
  await put({ default: 'auto', rollout: { ...NONE, sse: 30 } })
  const some = await takers('sse')
  expect(some.size).toBeGreaterThan(120 * 0.12)
  expect(some.size).toBeLessThan(120 * 0.5)
  expect(await takers('sse')).toEqual(some)
  await put({ rollout: { sse: 60, polling: 40 } })
  const more = await takers('sse')
  for (const id of some) expect(more.has(id)).toBe(true)
  expect((await takers('polling')).size).toBe(120 - more.size)
  await put({ rollout: { ...NONE, sse: 100 } })
  expect((await takers('sse')).size).toBe(120)
})

test('[FLAG-1] every open connection is told its own user\'s transport when it changes, on each transport', async () => {
  await put({ default: 'auto', rollout: NONE })
  const clients = await Promise.all(TRANSPORTS.flatMap(transport => Array.from({ length: 4 }, async () => {
    const user = await createUser(server)
    return { user, client: await connect(server, { transport, token: user.token }) }
  })))
  const answer = await put({ default: 'websocket', rollout: { ...NONE, polling: 50 } })
  expect(answer.status).toBe(200)
  for (const { user, client } of clients) {
    const { transport } = await client.next('transport.flag')
    expect(['websocket', 'polling']).toContain(transport)
    expect(transport).toBe((await flagOf(user)).transport)
    await client.settle()
    expect(client.all('transport.flag')).toHaveLength(1)
  }
  await Promise.all(clients.map(({ client }) => client.close()))
})

test('[FLAG-1] what an administrator set lasts through a restart, whatever is configured', async () => {
  await put({ default: 'polling', rollout: NONE })
  await server.restart({ NUXT_PUBLIC_TRANSPORT: 'websocket' })
  expect(await flagOf(admin)).toEqual({ transport: 'polling', policy: { default: 'polling', rollout: NONE } })
})

test.each(['pigeon', 'sse=101', 'sse=60,polling=50', 'sse=', 'sse=-1', 'auto=5'])('[FLAG-1] NUXT_PUBLIC_TRANSPORT=%s ends the start, and says why', async (value) => {
  const failed = await startServer({ env: { NUXT_PUBLIC_TRANSPORT: value } }).then(() => undefined, (error: Error) => error)
  expect(failed?.message).toContain('NUXT_PUBLIC_TRANSPORT')
  expect(failed?.message).toContain('the server ended at its start')
})
