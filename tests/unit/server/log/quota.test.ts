import { expect, it } from 'vitest'
import { createAudit } from '../../../../server/audit/audit'
import { DailyQuota } from '../../../../server/log/quota'
import { createRoomLog } from '../../../../server/log/room-log'
import type { Append } from '../../../../server/log/types'
import { createTestDatabase } from '../../../support/database'

const KB = 1024
const say = (userId: string, text: string): Append => ({ type: 'message', userId, userName: userId, content: { text, type: 'user', actor_type: 'client', format: 'plain' } })

it('a person, and an address, stores so much in a day: refused beyond it, told when there is room again, and nobody else is touched', () => {
  let now = 0
  const quota = new DailyQuota({ personBytes: 24 * KB, addressBytes: 48 * KB }, () => now)
  const take = (userId: string, address: string) => quota.take(say(userId, 'x'.repeat(10 * KB)), address)
  take('ann', 'home')
  take('ann', 'home')
  expect(() => take('ann', 'home')).toThrow(expect.objectContaining({ code: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number) }))
  take('bob', 'home')
  take('bob', 'office')
  take('cem', 'home')
  expect(() => take('dan', 'home')).toThrow('as much was stored as is allowed in a day')
  take('dan', 'office')
  // What takes something away is never refused, and neither are bots, which have budgets of their own.
  quota.take({ type: 'delete', userId: 'ann', moderator: false, messageId: 'm' }, 'home')
  quota.take({ type: 'clear', userId: 'ann' }, 'home')
  quota.take(say('bot:host', 'x'.repeat(100 * KB)), undefined)
  now += 24 * 3_600_000
  take('ann', 'home')
})

it('a room keeps so much: what is said beyond it is refused with a word, until it is cleared', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const { id } = await database.addRoom('room', ann)
  const log = createRoomLog(database.handle, { quotas: { roomBytes: 30 * KB } })
  const { messageId = '' } = await log.append(id, say(ann.id, 'x'.repeat(10 * KB)))
  await log.append(id, say(ann.id, 'y'.repeat(10 * KB)))
  await expect(log.append(id, say(ann.id, 'z'.repeat(10 * KB)))).rejects.toMatchObject({ code: 'conflict', retryable: false, message: expect.stringContaining('a moderator can clear it') })
  await expect(log.append(id, { type: 'edit', userId: ann.id, moderator: false, messageId, text: 'z'.repeat(10 * KB) })).rejects.toMatchObject({ code: 'conflict' })
  await log.append(id, { type: 'delete', userId: ann.id, moderator: false, messageId })
  expect(await log.append(id, say(ann.id, 'z'.repeat(9 * KB)))).toMatchObject({ seq: 4 })
  await log.append(id, { type: 'clear', userId: ann.id })
  for (let n = 0; n < 2; n++) await log.append(id, say(ann.id, 'after the clear '.repeat(KB / 2)))
  await log.drained()
  await database.dispose()
})

it('the audit trail keeps the newest entries and forgets the rest', async () => {
  const database = await createTestDatabase()
  const audit = createAudit(database.handle.db, (error) => {
    throw error
  }, 100)
  for (let n = 0; n < 1300; n++) audit.record({ orgId: 'main', userId: 'ann', action: `a${n}`, detail: {} })
  await audit.drained()
  await audit.prune()
  const kept = await database.handle.db.selectFrom('audit').select('action').orderBy('id').execute()
  expect(kept.map(({ action }) => action)).toEqual(Array.from({ length: 100 }, (_, n) => `a${1200 + n}`))
  await database.dispose()
})
