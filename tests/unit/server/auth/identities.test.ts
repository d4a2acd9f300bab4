import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIdentities } from '../../../../server/auth/identities'
import { createSessions } from '../../../../server/auth/sessions'
import { loadSecrets } from '../../../../server/auth/secrets'
import { createUsers } from '../../../../server/auth/users'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

const secrets = { tokenSecret: 't'.repeat(43), peerSecret: 'p'.repeat(43) }

describe('identities', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.dispose())

  const create = async (options: { guestsAllowed?: boolean, sessionsPerMinute?: number, admins?: string[] } = {}) => createIdentities({
    sessions: createSessions(database.handle.db),
    users: await createUsers(database.handle.db, { operators: new Set(), admins: new Set(options.admins) }),
    secrets, guestsAllowed: options.guestsAllowed ?? true, tokenDays: 1, sessionsPerMinute: options.sessionsPerMinute ?? 60,
  })
  const sign = (claims: Record<string, unknown>, secret = secrets.tokenSecret, alg = 'HS256') =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))

  it('[CON-2] knows a guest by the token it gave, and by nothing else', async () => {
    const identities = await create()
    const { identity, token } = await identities.createGuest('Ann', 'here')
    expect(await identities.verify(token)).toMatchObject({ user: { id: identity.user.id, name: 'Ann', role: 'guest' }, orgId: 'main' })
    const exp = Math.floor(Date.now() / 1000) + 60
    const sub = identity.user.id
    for (const forged of [
      await sign({ sub, exp }, 'x'.repeat(43)), await sign({ sub }), await sign({ exp }), await sign({ sub: 'nobody', exp }), await sign({ sub, exp: exp - 120 }),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub, exp })).toString('base64url')}.`, 'nonsense', '',
    ]) expect(await identities.verify(forged)).toBeUndefined()
    expect(await identities.verify(await sign({ sub, exp }))).toBeDefined()
  })

  it('[CON-6] bounds new guests from one address, and not from another', async () => {
    const identities = await create({ sessionsPerMinute: 2 })
    await identities.createGuest('a', 'here')
    await identities.createGuest('b', 'here')
    await expect(identities.createGuest('c', 'here')).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(identities.createGuest('d', 'there')).resolves.toBeDefined()
  })

  it('refuses guests where they are not allowed, and takes roles from the configuration', async () => {
    await expect((await create({ guestsAllowed: false })).createGuest('x', 'here')).rejects.toMatchObject({ code: 'forbidden' })
    const { identity, token } = await (await create()).createGuest('Root', 'here')
    expect(await (await create({ admins: [identity.user.id] })).verify(token)).toMatchObject({ user: { role: 'admin' } })
  })

  it('[CON-8] derives a peer id that is stable, differs by user and key, and shows neither', async () => {
    const { peerId } = await create()
    expect(peerId('u', 'k')).toBe(peerId('u', 'k'))
    expect(new Set([peerId('u', 'k'), peerId('u', 'l'), peerId('v', 'k')]).size).toBe(3)
    expect(peerId('user', 'secretkey')).not.toMatch(/user|secretkey/)
  })
})

describe('loadSecrets', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lastra-secrets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('makes secrets once, for the owner alone, and refuses a damaged file', () => {
    const file = join(folder, 'deep', 'secrets.json')
    const made = loadSecrets(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(loadSecrets(file)).toEqual(made)
    expect(made.tokenSecret).not.toBe(made.peerSecret)
    writeFileSync(file, '{}')
    expect(() => loadSecrets(file)).toThrow(/damaged/)
  })
})
