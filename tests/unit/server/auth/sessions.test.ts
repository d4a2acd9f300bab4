import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSessions, SESSIONS_PER_USER } from '../../../../server/auth/sessions'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

describe('sessions: what was granted can be taken back', () => {
  let database: TestDatabase
  let now: number
  let userId: string
  const later = (): number => now + 86_400_000
  const create = () => createSessions(database.handle.db, () => now)
  const claim = (sid: string, more = {}) => ({ sid, userId, expiresAt: later(), isUnnamed: false, ...more })

  beforeEach(async () => {
    database = await createTestDatabase()
    now = Date.now()
    userId = (await database.addUser('Ann')).id
  })
  afterEach(() => database.dispose())

  it('[CON-12] an ended session is not alive, here at once, elsewhere within 5 s, and after a restart; others of the same person are', async () => {
    const here = create()
    const elsewhere = create()
    const [one, two] = [await here.begin(userId, later()), await here.begin(userId, later())]
    for (const sid of [one, two]) expect([await here.isAlive(claim(sid)), await elsewhere.isAlive(claim(sid))]).toEqual([true, true])
    const told: string[] = []
    here.onRevoked(sid => told.push(sid))
    await here.revoke(claim(one))
    expect(told).toEqual([one])
    expect([await here.isAlive(claim(one)), await here.isAlive(claim(two)), here.isRevoked(one), here.isRevoked(two)]).toEqual([false, true, true, false])
    now += 4_999
    expect([await elsewhere.isAlive(claim(one)), await elsewhere.isAlive(claim(two))]).toEqual([false, true])
    expect(await create().isAlive(claim(one))).toBe(false)
    await here.extend({ sid: one, userId }, later())
    expect(await create().isAlive(claim(one)), 'renewed after its end').toBe(false)
  })

  it('[CON-12] a token that names no session is one by itself: believed, and ended like any other', async () => {
    const sessions = create()
    const old = claim('t-old', { isUnnamed: true })
    expect(await sessions.isAlive(old)).toBe(true)
    expect(await sessions.isAlive(claim('made-up'))).toBe(false)
    await sessions.revoke(old)
    expect([await sessions.isAlive(old), await create().isAlive(old)]).toEqual([false, false])
  })

  it('is nobody else\'s', async () => {
    const sessions = create()
    const sid = await sessions.begin(userId, later())
    expect(await sessions.isAlive(claim(sid, { userId: 'somebody' }))).toBe(false)
  })

  it('asks the database once in a while, not for every request', async () => {
    let queries = 0
    const counted = createSessions(database.handle.db.withPlugin({
      transformQuery: ({ node }) => {
        queries++
        return node
      },
      transformResult: async ({ result }) => result,
    }), () => now)
    const sid = await counted.begin(userId, later())
    const before = queries
    for (let i = 0; i < 100; i++) expect(await counted.isAlive(claim(sid))).toBe(true)
    expect(queries - before).toBe(1)
  })

  it('a person has so many and no more: another one ends the one used longest ago', async () => {
    const sessions = create()
    const ended: string[] = []
    sessions.onRevoked(sid => ended.push(sid))
    const all: string[] = []
    for (let i = 0; i < SESSIONS_PER_USER + 2; i++) {
      now += 1000
      all.push(await sessions.begin(userId, later()))
    }
    expect(ended).toEqual(all.slice(0, 2))
    expect(await sessions.isAlive(claim(all[0]!))).toBe(false)
    expect(await sessions.isAlive(claim(all[2]!))).toBe(true)
  })

  it('those that have run out go, in slices, and no others', async () => {
    const sessions = create()
    const count = async () => (await database.handle.db.selectFrom('sessions').select(({ fn }) => fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n
    await sessions.begin(userId, later())
    for (let i = 0; i < 501; i++) await database.handle.db.insertInto('sessions').values({ id: `old-${i}`, user_id: userId, created_at: '', last_at: '', expires_at: now - 1, revoked_at: null }).execute()
    await sessions.prune()
    expect(await count()).toBe(2)
    await sessions.prune()
    expect(await count()).toBe(1)
  })
})
