import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RoomOrder } from '../../../../server/realtime/room-order'
import { createRoomLog } from '../../../../server/log/room-log'
import type { RoomLog } from '../../../../server/log/types'
import type { Entry, User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'
import { waitFor } from '../../../support/wait'

describe('[MANY-2] entries of many nodes are delivered in the order of the log', () => {
  let database: TestDatabase
  let ann: User
  let roomId: string
  /** Another node, which commits. */
  let there: RoomLog
  let order: RoomOrder
  let delivered: [seq: number, origin: string][]
  let told: Entry[]
  const errors: unknown[] = []

  beforeEach(async () => {
    database = await createTestDatabase()
    ann = await database.addUser('ann')
    roomId = (await database.addRoom('lobby', ann)).id
    there = createRoomLog(database.handle)
    told = []
    there.onCommitted((_, entries) => told.push(...entries))
    const here = createRoomLog(database.handle)
    delivered = []
    order = new RoomOrder({ log: here, hasOthers: true, deliver: (_, entries, origin) => delivered.push(...entries.map(({ seq }) => [seq, origin] as [number, string])), onError: error => errors.push(error) })
    here.onCommitted((id, entries, origin) => order.offer(id, entries, origin))
  })
  afterEach(async () => {
    order.forget(roomId)
    expect(errors).toEqual([])
    await there.drained()
    await database.dispose()
  })

  const say = async (count: number) => {
    for (let n = 0; n < count; n++) await there.append(roomId, { type: 'message', userId: ann.id, userName: 'ann', clientMsgId: `m${told.length}`, content: { text: 'x', type: 'user', actor_type: 'client', format: 'plain' } })
  }

  it('what is told in another order than it was committed waits for what was before it', async () => {
    await order.watch(roomId)
    await say(4)
    const [one, two, three, four] = told as [Entry, Entry, Entry, Entry]
    order.offer(roomId, [two], 'elsewhere')
    order.offer(roomId, [four], 'here')
    order.offer(roomId, [one], 'elsewhere')
    order.offer(roomId, [three, two], 'elsewhere')
    expect(delivered).toEqual([[1, 'elsewhere'], [2, 'elsewhere'], [3, 'elsewhere'], [4, 'here']])
  })

  it('what was never told is read as soon as something after it comes, a head is told, or the database is looked at', async () => {
    await say(2)
    await order.watch(roomId)
    await say(3)
    order.offer(roomId, [told[4]!], 'here')
    await waitFor(() => delivered.length === 3)
    expect(delivered).toEqual([[3, 'elsewhere'], [4, 'elsewhere'], [5, 'here']])
    await say(1)
    order.noteHead(roomId, 6)
    await waitFor(() => delivered.length === 4)
    await say(1)
    await order.compare()
    await waitFor(() => delivered.length === 5)
    expect(delivered.map(([seq]) => seq)).toEqual([3, 4, 5, 6, 7])
    expect(order.heads()).toEqual({ [roomId]: 7 })
  })

  it('what was cleared meanwhile is passed over', async () => {
    await order.watch(roomId)
    await say(3)
    await there.append(roomId, { type: 'clear', userId: ann.id, userName: 'ann' })
    await say(1)
    await order.compare()
    await waitFor(() => delivered.length === 2)
    expect(delivered.map(([seq]) => seq)).toEqual([4, 5])
  })

  it('more than one read brings comes whole', async () => {
    await order.watch(roomId)
    await Promise.all(Array.from({ length: 1200 }, (_, n) => there.append(roomId, { type: 'message', userId: ann.id, userName: 'ann', clientMsgId: `many${n}`, content: { text: 'x', type: 'user', actor_type: 'client', format: 'plain' } })))
    await order.compare()
    await waitFor(() => delivered.length === 1200)
    expect(delivered.map(([seq]) => seq)).toEqual(Array.from({ length: 1200 }, (_, n) => n + 1))
  })
})
