import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPersonaStore } from '../../../../server/ai/persona-store'
import { createRoomBots } from '../../../../server/ai/room-bots'
import { createTimers } from '../../../../server/ai/timers'
import { cancelTimer, setTimer } from '../../../../server/ai/built-in/skills/timers'
import { intentOf } from '../../../../server/ai/built-in/intent'
import { createRoomLog } from '../../../../server/log/room-log'
import { createRoomDirectory } from '../../../../server/rooms/directory'
import type { Room } from '../../../../server/rooms/types'
import { LIMITS } from '../../../../shared/protocol/limits'
import type { Message, User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

const MINUTE = 60_000
const NOW = Date.parse('2026-11-21T09:00:00.000Z')

describe('timers', () => {
  let database: TestDatabase
  let log: ReturnType<typeof createRoomLog>
  let room: Room
  let ann: User
  let bob: User
  let now = NOW
  const errors: unknown[] = []

  /** The timers of a server, as each of its starts has them. */
  const start = async () => {
    const { db } = database.handle
    const timers = createTimers({ db, log, rooms: createRoomDirectory(db, { creation: true }), personas: createPersonaStore(db), roomBots: createRoomBots(db, log), onError: error => errors.push(error), now: () => now })
    await timers.load()
    return timers
  }
  const said = async () => ((await log.newest(room.id, 50)).entries as Message[]).filter(entry => entry.userId === 'bot:host').map(({ content }) => content.text)

  beforeEach(async () => {
    now = NOW
    database = await createTestDatabase()
    log = createRoomLog(database.handle)
    ann = await database.addUser('Ann')
    bob = await database.addUser('Bob')
    room = await database.addRoom('plan', ann)
    await createRoomDirectory(database.handle.db, { creation: true }).admit('main', 'plan', bob)
    await log.append(room.id, { type: 'bot', userId: ann.id, bot: 'host', enabled: true })
  })
  afterEach(async () => {
    expect(errors).toEqual([])
    await database.dispose()
  })

  it('[built-in engine] are recognised in plain words', () => {
    expect(intentOf('timer 5 minutes tea')).toEqual({ kind: 'timers', ask: 'set', timer: '5 minutes tea' })
    expect(intentOf('please set a timer for 5 minutes')).toEqual({ kind: 'timers', ask: 'set', timer: 'for 5 minutes' })
    expect(intentOf('set a 10 minute timer')).toEqual({ kind: 'timers', ask: 'set', timer: '10 minute timer' })
    expect(intentOf('remind me in 1 hour to call Bob')).toEqual({ kind: 'timers', ask: 'set', timer: 'in 1 hour to call Bob' })
    expect(intentOf('cancel the timer')).toEqual({ kind: 'timers', ask: 'cancel' })
  })

  it('[built-in engine] read how long and what for', async () => {
    for (const [text, ms, label] of [['5 minutes tea', 5 * MINUTE, 'tea'], ['for 1 h and 30 min', 90 * MINUTE, ''], ['10 minute timer', 10 * MINUTE, ''], ['in 1 hour to call Bob', 60 * MINUTE, 'call Bob'], ['90s: eggs', 90_000, 'eggs']] as const) {
      const asked: unknown[] = []
      const own = { set: async (...given: unknown[]) => asked.push(...given) && NOW, cancel: async () => undefined }
      expect((await setTimer(text, own)).markdown, text).toContain('ends at 2026-11-21T09:00:00Z')
      expect(asked, text).toEqual([label, ms])
    }
    expect((await setTimer('tea', { set: async () => NOW, cancel: async () => undefined })).found).toBe(false)
  })

  it('[built-in engine] end once, with the name of who asked, over a restart of the server', async () => {
    const before = await start()
    expect((await setTimer('5 minutes *tea*', before.of(room, 'host', bob.id))).markdown).toContain('ends at 2026-11-21T09:05:00Z')
    const after = await start()
    now += 5 * MINUTE - 1
    await after.sweep()
    expect(await said()).toEqual([])
    now += 1
    // The old server never stopped: both say it, the log stores it once.
    await Promise.all([before.sweep(), after.sweep()])
    await after.sweep()
    await (await start()).sweep()
    expect(await said()).toEqual(['@Bob, time is up: \\*tea\\*.'])
  })

  it('[built-in engine] are cancelled by who set them alone', async () => {
    const timers = await start()
    await timers.of(room, 'host', bob.id).set('tea', MINUTE)
    expect((await cancelTimer(timers.of(room, 'host', ann.id))).found).toBe(false)
    expect((await cancelTimer(timers.of(room, 'host', bob.id))).markdown).toBe('The timer for “tea” is cancelled.')
    now += MINUTE
    await (await start()).sweep()
    expect(await said()).toEqual([])
  })

  it('[built-in engine] have a bound in length and number, and each person a share of it', async () => {
    const timers = await start()
    const own = timers.of(room, 'host', bob.id)
    expect([await own.set('', LIMITS.timerMs + 1), await own.set('', 0)]).toEqual([undefined, undefined])
    for (let n = 0; n < LIMITS.timersPerPerson; n++) expect(await own.set('', MINUTE)).toBe(NOW + MINUTE)
    expect(await own.set('', MINUTE)).toBeUndefined()
    const others = timers.of(room, 'host', ann.id)
    for (let n = LIMITS.timersPerPerson; n < LIMITS.timersPerRoom; n++) expect(await others.set('', MINUTE)).toBe(NOW + MINUTE)
    expect(await others.set('', MINUTE)).toBeUndefined()
  })

  it('[built-in engine] have the rights of who asked: the muted set none, and nothing is said for one who was removed, nor by a bot that is off', async () => {
    const timers = await start()
    const member = (change: { muted?: boolean, removed?: boolean }) => log.append(room.id, { type: 'room', userId: ann.id, member: { userId: bob.id, name: 'Bob', ...change } })
    await timers.of(room, 'host', bob.id).set('tea', MINUTE)
    await member({ muted: true })
    expect(await timers.of(room, 'host', bob.id).set('tea', MINUTE)).toBeUndefined()
    await member({ muted: false, removed: true })
    now += MINUTE
    await timers.sweep()
    await timers.of(room, 'host', ann.id).set('tea', MINUTE)
    await log.append(room.id, { type: 'bot', userId: ann.id, bot: 'host', enabled: false })
    now += MINUTE
    await timers.sweep()
    expect(await said()).toEqual([])
  })
})
