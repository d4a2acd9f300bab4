import SQLite from 'better-sqlite3'
import { sql } from 'kysely'
import type { KyselyPlugin } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import type { DatabaseHandle } from '../../../../server/db/client'
import type { CommitListener, RoomLog } from '../../../../server/log/types'
import type { Hub } from '../../../../server/realtime/hub'
import type { Entry } from '../../../../shared/protocol/frames'
import { createTestCore } from '../../../support/core'
import type { TestCore } from '../../../support/core'
import type { TestDatabase } from '../../../support/database'
import { History } from '../../../support/history'
import { checkHistory } from '../../../support/history-check'
import { LogClient } from '../../../support/log-client'
import type { LogClientOptions } from '../../../support/log-client'
import { readStored } from '../../../support/stored-log'

/**
 * A checker that finds nothing proves something only if it would have found it. Each scenario drives one race on purpose; as
 * the product is, its history holds, and with the one precaution taken away that the race is about, it does not.
 */
describe('the history checker against mutations', () => {
  const room = 'lobby'
  let core: TestCore
  let history: History

  const enter = (name: string, extra: Partial<LogClientOptions> = {}) => LogClient.enter({ core, history, name, room, ...extra })
  afterEach(() => core.dispose())

  async function verdict(...clients: LogClient[]): Promise<string[]> {
    for (const client of clients) {
      await client.take()
      client.end()
    }
    return checkHistory(history, await readStored(core.database.target))
  }

  describe('[RES-1] what is committed while a join reads', () => {
    async function run(mutate: (hub: Hub) => void): Promise<string[]> {
      const gate: { reading: () => void, open?: Promise<void> } = { reading: () => {} }
      history = new History()
      core = await createTestCore(log => ({
        ...log,
        async since(...read) {
          const slice = await log.since(...read)
          gate.reading()
          await gate.open
          return slice
        },
      }))
      mutate(core.realtime.context.hub)
      const ann = await enter('ann')
      const bob = await enter('bob')
      ann.say('one')
      await ann.take()
      await bob.take()
      bob.cut()
      let release = () => {}
      gate.open = new Promise((resolve) => {
        release = resolve
      })
      const read = new Promise<void>((resolve) => {
        gate.reading = resolve
      })
      await bob.back()
      await read
      for (const text of ['two', 'three']) ann.say(text)
      await ann.take()
      release()
      return verdict(ann, bob)
    }

    it('comes after the replay', async () => {
      expect(await run(() => {})).toEqual([])
    })

    it('would be missed without the merge buffer', async () => {
      const found = await run((hub) => {
        const deliverTo = hub.deliverTo.bind(hub)
        hub.deliverTo = (connection, joined, frame) => {
          if (!joined.buffer) deliverTo(connection, joined, frame)
        }
      })
      expect(found).toEqual([
        'bob in lobby: the end is at seq 1, but the log ends at 3',
        'bob in lobby: the message at seq 2 is missing at the end', 'bob in lobby: the message at seq 3 is missing at the end',
      ])
    })
  })

  describe('[LOG-4] a message that is sent again because its answer was lost', () => {
    async function run(wrapHandle?: (handle: DatabaseHandle) => DatabaseHandle): Promise<string[]> {
      history = new History()
      core = await createTestCore(undefined, wrapHandle)
      const ann = await enter('ann')
      const bob = await enter('bob')
      if (wrapHandle) await dropUniqueIndex(core.database)
      const id = ann.say('only once')
      // Bob sees it: it was stored when the answer was lost.
      await bob.take()
      ann.cut()
      await ann.back()
      ann.sayAgain(id, 'only once')
      return verdict(ann, bob)
    }

    it('is stored once, and its second answer is the first', async () => {
      expect(await run()).toEqual([])
    })

    it('would be stored twice without the unique index', async () => {
      expect(await run(forgetful)).toEqual([
        'ann: ann-1 in lobby is stored 2 times, at seq 1, 2',
        'ann: ann-1 in lobby was acked at seq 2 and stands at 1',
        expect.stringMatching(/^ann: ann-1 in lobby was acked as \w+ and is \w+$/),
      ])
    })
  })

  describe('[RES-7] an ack that comes before the entries it follows', () => {
    async function run(onAck?: LogClientOptions['onAck']): Promise<string[]> {
      history = new History()
      core = await createTestCore()
      const ann = await enter('ann')
      const bob = await enter('bob', { onAck })
      for (const text of ['one', 'two']) ann.say(text)
      await ann.take()
      bob.say('three')
      // Replies and entries can take different ways, as over POST and a stream: here the stream is cut behind.
      await bob.take('replies')
      bob.cut()
      await bob.back()
      return verdict(ann, bob)
    }

    it('moves nothing, so that they come with the next join', async () => {
      expect(await run()).toEqual([])
    })

    it('would make a hole if it moved the cursor', async () => {
      const found = await run((cursor, ack) => ({ ...cursor, last: Math.max(cursor.last ?? 0, ack.seq ?? 0) }))
      expect(found).toEqual([
        'bob in lobby: the end is at seq 3, but the last thing applied was 0',
        ...[1, 2, 3].map(seq => `bob in lobby: the message at seq ${seq} is missing at the end`),
      ])
    })
  })

  describe('[LOG-2] a server that is killed', () => {
    async function run(wrapLog?: (log: RoomLog) => RoomLog): Promise<string[]> {
      history = new History()
      core = await createTestCore(wrapLog)
      const ann = await enter('ann')
      const bob = await enter('bob')
      ann.say('said before the end')
      await ann.take()
      await bob.take()
      // What the database holds at this moment is all there will ever be.
      return checkHistory(history, await readStored(core.database.target))
    }

    it('had acked and shown nothing that is not stored', async () => {
      expect(await run()).toEqual([])
    })

    it('would have, if it told before it committed', async () => {
      expect(await run(hasty)).toEqual([
        'ann: ann-1 in lobby was acked at seq 1 and is not stored',
        'ann in lobby: seq 1 was shown and is not stored',
        'bob in lobby: seq 1 was shown and is not stored',
      ])
    })
  })
})

/** The table of messages without the constraint that makes a repeat impossible. */
async function dropUniqueIndex({ handle, target }: TestDatabase): Promise<void> {
  if (handle.dialect.name === 'postgres') return void await sql`alter table messages drop constraint messages_client_msg_id`.execute(handle.db)
  const db = new SQLite(target)
  const sqlOf = (where: string) => db.prepare<[], { sql: string }>(`select sql from sqlite_master where ${where}`).all().map(row => row.sql)
  const [table = ''] = sqlOf('type = \'table\' and name = \'messages\'')
  const triggers = sqlOf('type = \'trigger\' and tbl_name = \'messages\'')
  const without = table.replace(/, constraint "messages_client_msg_id" unique \([^)]*\)/, '')
  if (without === table) throw new Error(`no such constraint in ${table}`)
  db.exec(['drop table messages', without, ...triggers].join(';\n'))
  db.close()
}

/** A database in which nobody finds what was stored under a `client_msg_id`. */
function forgetful(handle: DatabaseHandle): DatabaseHandle {
  const lookups = new WeakSet<object>()
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      if (node.kind === 'SelectQueryNode' && JSON.stringify(node.selections).includes('client_msg_id')) lookups.add(queryId)
      return node
    },
    transformResult: async ({ result, queryId }) => lookups.has(queryId) ? { ...result, rows: [] } : result,
  }
  return { ...handle, dialect: { ...handle.dialect, say: undefined }, db: handle.db.withPlugin(plugin) }
}

/** A log that acks and publishes at once, and would write later. */
function hasty(log: RoomLog): RoomLog {
  const listeners = new Set<CommitListener>()
  let head = 0
  return {
    ...log,
    onCommitted(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async append(roomId, append) {
      if (append.type !== 'message') throw new Error('only messages here')
      const seq = ++head
      const timestamp = new Date().toISOString()
      const entry: Entry = {
        type: 'message.new', room: 'lobby', seq, messageId: `m${seq}`, client_msg_id: append.clientMsgId, userId: append.userId, userName: append.userName,
        content: append.content, timestamp, metadata: {},
      }
      for (const listener of listeners) listener(roomId, [entry], 'here')
      return { entry, seq, messageId: entry.messageId, clientMsgId: append.clientMsgId, timestamp }
    },
  }
}
