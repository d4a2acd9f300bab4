import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, connect, connectOver, open, Refused, TRANSPORTS } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { claimsOf, createUser, get, signToken } from '../../support/session'
import type { TestUser } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.stop())

function signOut(user: TestUser): Promise<Response> {
  return fetch(`${server.url}/api/session`, { method: 'DELETE', headers: { cookie: user.cookie } })
}

/** The same person signed in once more, by a token of an operator's own backend. */
async function again(user: TestUser): Promise<TestUser> {
  const token = await signToken(server, { sub: user.id, exp: Math.floor(Date.now() / 1000) + 7200 })
  return { ...user, token, cookie: `lastra_session=${token}` }
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  test('[CON-12] signing out closes the open connections of that sign-in with 4401, and no other', async () => {
    const user = await createUser(server)
    const other = await again(user)
    const [ends, stays] = [await connect(server, { user }), await connect(server, { user: other })]
    expect((await signOut(user)).status).toBe(200)
    // A poll that comes after it is refused with 401, which says the same.
    expect(transport === 'polling' ? [4401, 1006] : [4401]).toContain((await ends.closed).code)
    expect((await stays.request({ type: 'ping' })).type).toBe('ack')
    const late = await open(server, { user, transport }).catch((error: unknown) => error)
    // A socket may still say who it is by a frame; the cookie says nothing any more.
    if (late instanceof Client) expect(await late.request({ type: 'ping' })).toMatchObject({ type: 'error', code: 'unauthorized' })
    else expect(late).toBeInstanceOf(Refused)
    await stays.close()
  })
})

test('[CON-12] a token is worth nothing after signing out: as cookie, as Bearer, in auth, and after a restart', async () => {
  const user = await createUser(server)
  expect(claimsOf(user.token)).toMatchObject({ sid: expect.any(String) })
  const old = await again(user)
  expect((await get(server, '/api/session', old)).status).toBe(200)
  for (const one of [user, old]) await signOut(one)
  for (const when of ['at once', 'after a restart']) {
    for (const { token, cookie } of [user, old]) {
      expect((await get(server, '/api/session', { token })).status, when).toBe(401)
      expect((await fetch(`${server.url}/api/session`, { headers: { cookie } })).status, when).toBe(401)
      const client = await open(server, {})
      expect(await client.request({ type: 'auth', token }), when).toMatchObject({ type: 'error', code: 'unauthorized' })
      await client.close()
    }
    if (when === 'at once') await server.restart()
  }
  const somebody = await connect(server)
  expect((await somebody.request({ type: 'ping' })).type).toBe('ack')
})
