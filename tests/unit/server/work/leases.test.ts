import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnswers } from '../../../../server/ai/answers'
import type { Engine } from '../../../../server/ai/engine'
import { createPersonaStore } from '../../../../server/ai/persona-store'
import { createRoomBots } from '../../../../server/ai/room-bots'
import { createStreamStore } from '../../../../server/ai/stream-store'
import { createTimers } from '../../../../server/ai/timers'
import { Turns } from '../../../../server/ai/turns'
import { createRoomLog } from '../../../../server/log/room-log'
import type { RoomLog } from '../../../../server/log/types'
import { LocalWire } from '../../../../server/realtime/bus/local'
import { createRoomDirectory } from '../../../../server/rooms/directory'
import type { Room } from '../../../../server/rooms/types'
import { createLeases } from '../../../../server/work/leases'
import type { Message, ServerFrame, User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

const LEASE = 20_000

describe('[MANY-5] work of a node that is gone is done by one other, and by none while it lives', () => {
  let database: TestDatabase
  let log: RoomLog
  let room: Room
  let ann: User
  let now = 0
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const said = async () => ((await log.newest(room.id, 50)).entries as Message[]).map(({ content }) => content.text)

  beforeEach(async () => {
    now = Date.parse('2026-11-21T09:00:00.000Z')
    database = await createTestDatabase()
    log = createRoomLog(database.handle)
    ann = await database.addUser('Ann')
    room = await database.addRoom('plan', ann)
    await log.append(room.id, { type: 'bot', userId: ann.id, bot: 'host', enabled: true })
  })
  afterEach(async () => {
    expect(errors).toEqual([])
    await log.drained()
    await database.dispose()
  })

  const leaseOf = (name: string) => createLeases(database.handle.db, name, onError, () => now)

  it('a lease holds as long as it is renewed, and no longer', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two')]
    await one.hold()
    expect([...await two.gone(['one', 'never'])]).toEqual(['never'])
    now += LEASE + 1
    expect([...await two.gone(['one', 'two'])]).toEqual(['one'])
    await one.release()
    await one.hold()
    expect([...await two.gone(['one'])]).toEqual([])
    await one.release()
    expect([...await two.gone(['one'])]).toEqual(['one'])
  })

  it('[AI-3] an answer is ended once, with what was said, and those who watch are told', async () => {
    const wire = new LocalWire()
    const make = (name: string) => {
      const lease = leaseOf(name)
      const bus = wire.node()
      const frames: ServerFrame[] = []
      bus.subscribe({ frame: ({ frame }) => frames.push(frame) })
      return { lease, frames, store: createStreamStore(database.handle.db, lease), answers: createAnswers({ log, bus, turns: new Turns(), streams: createStreamStore(database.handle.db, lease), silenceMs: 5000, onError, now: () => 0 }) }
    }
    const [dying, two, three] = [make('dying'), make('two'), make('three')]
    for (const { lease } of [dying, two, three]) await lease.hold()
    const row = { id: 'stream', room_id: room.id, bot: 'host', bot_name: 'Host', engine: 'built-in' satisfies Engine['name'], model: null, user_id: ann.id, in_reply_to: null, text: 'as far as it ca', started_at: new Date(now).toISOString() }
    await dying.store.begin(row)
    await Promise.all([two.answers.recover(), three.answers.recover()])
    expect(await said()).toEqual([])
    await dying.lease.release()
    await Promise.all([two.answers.recover(), three.answers.recover()])
    expect(await said()).toEqual(['as far as it ca'])
    expect(three.frames.filter(({ type }) => type === 'ai.end')).toMatchObject([{ room: 'plan', stream_id: 'stream', reason: 'restarted' }])
    await Promise.all([two.lease.release(), three.lease.release()])
  })

  it('[built-in engine] a timer rings once, wherever it was set, though its node is gone; and not when it was cancelled elsewhere', async () => {
    const { db } = database.handle
    const make = (name: string) => {
      const nodes = leaseOf(name)
      const timers = createTimers({ db, log, rooms: createRoomDirectory(db, { creation: true }), personas: createPersonaStore(db), roomBots: createRoomBots(db, log), onError, now: () => now, nodes })
      return { nodes, timers, own: timers.of(room, 'host', ann.id) }
    }
    const [one, two, three] = [make('one'), make('two'), make('three')]
    for (const { nodes, timers } of [one, two, three]) {
      await nodes.hold()
      await timers.load()
    }
    await one.own.set('tea', 60_000)
    await one.own.set('eggs', 120_000)
    expect(await two.own.cancel()).toBe('eggs')
    now += 120_001
    // The node that set them is gone.
    await Promise.all([two, three].map(({ timers }) => timers.sweep()))
    await one.timers.sweep()
    expect(await said()).toEqual(['@Ann, time is up: tea.'])
    for (const { nodes } of [one, two, three]) await nodes.release()
  })
})
