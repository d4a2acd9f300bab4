import type { Kysely } from 'kysely'
import { nanoid } from 'nanoid'
import { LIMITS } from '#shared/protocol/limits'
import type { Database, TimerTable } from '../db/schema'
import type { RoomLog } from '../log/types'
import type { RoomDirectory } from '../rooms/directory'
import { allows } from '../rooms/access'
import type { Room } from '../rooms/types'
import { SOLE_OWNER } from '../work/leases'
import type { WorkOwner } from '../work/leases'
import { escaped } from './escaped'
import { botUserId } from './persona'
import type { PersonaStore } from './persona-store'
import type { RoomBots } from './room-bots'

type TimerRow = Omit<TimerTable, 'owner'>

export interface TimersOptions {
  db: Kysely<Database>
  log: Pick<RoomLog, 'append'>
  rooms: Pick<RoomDirectory, 'byId' | 'membership'>
  personas: Pick<PersonaStore, 'find'>
  roomBots: RoomBots
  onError: (error: unknown, where: string) => void
  /** Who rings, where several nodes have the same timers. @default one server */
  nodes?: WorkOwner
  /** Milliseconds since 1970: a timer outlives the server that started it. */
  now: () => number
}

/** The timers one person has with one bot in one room. */
export interface OwnTimers {
  /** Sets one, and gives when it ends; nothing where the room has as many as it may, or its owner may not write there. */
  set: (label: string, ms: number) => Promise<number | undefined>
  /** Cancels the one set last, and gives what it was for. */
  cancel: () => Promise<string | undefined>
}

/** Timers of rooms: on disk, said once at their end, by the bot that was asked and with the rights of who asked. */
export interface Timers {
  of: (room: Room, bot: string, userId: string) => OwnTimers
  /** Reads what an earlier run of the server left. */
  load: () => Promise<void>
  /** Says what has ended. To be called about twice a second. */
  sweep: () => Promise<void>
}

export function createTimers({ db, log, rooms, personas, roomBots, onError, now, nodes }: TimersOptions): Timers {
  const owner = nodes ?? SOLE_OWNER
  const running = new Map<string, TimerRow>()
  let lookedAt = 0

  /** The name of one who may write in a room. */
  async function writer(room: Room, userId: string): Promise<string | undefined> {
    const known = await rooms.membership(room.id, userId)
    return known && allows(known, room, 'write') ? known.name : undefined
  }

  /** Makes a timer this node's to ring: of several that would, one does. One that was cancelled is nobody's. */
  async function claim({ id }: TimerRow, before: string | null): Promise<boolean> {
    const { numUpdatedRows } = await db.updateTable('timers').set({ owner: owner.node }).where('id', '=', id).where('owner', before === null ? 'is' : '=', before).executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async function ring(timer: TimerRow, before: string | null = null): Promise<void> {
    try {
      if (await claim(timer, before)) await end(timer)
    } catch (error) {
      onError(error, 'ending a timer')
      // It stays on disk, and is said at the next start, or by whichever node looks next.
      await db.updateTable('timers').set({ owner: null }).where('id', '=', timer.id).execute().catch(() => undefined)
    }
  }

  /** Rings what is due and known to no node that lives: it was set on another one, or being rung when that died. */
  async function ringForOthers(): Promise<void> {
    const due = await db.selectFrom('timers').selectAll().where('due_at', '<=', now()).execute()
    const gone = await owner.gone([...new Set(due.flatMap(timer => timer.owner ?? []))])
    await Promise.all(due.filter(timer => timer.owner === null || gone.has(timer.owner)).map(({ owner: before, ...timer }) => ring(timer, before)))
  }

  async function end(timer: TimerRow): Promise<void> {
    const { id, room_id: roomId, bot, user_id: userId, label } = timer
    const room = await rooms.byId(roomId)
    const persona = room && await personas.find(room.orgId, bot)
    const name = room && await writer(room, userId)
    if (room && persona && name !== undefined && (await roomBots.enabled(roomId)).has(bot)) {
      // A server that dies between the two says it again at its next start: the log knows the id and stores nothing (LOG-4).
      await log.append(roomId, {
        type: 'message', userId: botUserId(bot), userName: persona.name, clientMsgId: `timer:${id}`,
        content: { text: `@${escaped(name, LIMITS.nameLength)}, time is up${label === '' ? '' : `: ${escaped(label)}`}.`, type: 'assistant', actor_type: 'bot', format: 'markdown' },
        metadata: { engine: 'built-in' },
      })
    }
    await db.deleteFrom('timers').where('id', '=', id).execute()
  }

  /** The timers of a room that may have been set on other nodes. */
  async function storedOf(roomId: string): Promise<readonly TimerRow[]> {
    return nodes ? db.selectFrom('timers').selectAll().where('room_id', '=', roomId).orderBy('due_at').execute() : []
  }

  /** The timers of a room, in the order they were set as far as that is known here. */
  function ofRoom(roomId: string, stored: readonly TimerRow[]): TimerRow[] {
    return [...stored.filter(({ id }) => !running.has(id)), ...[...running.values()].filter(timer => timer.room_id === roomId)]
  }

  /** Whether a room has a place left, and its person a share in it. */
  function hasPlace(roomId: string, userId: string, stored: readonly TimerRow[]): boolean {
    const taken = ofRoom(roomId, stored)
    return taken.length < LIMITS.timersPerRoom && taken.filter(({ user_id }) => user_id === userId).length < LIMITS.timersPerPerson
  }

  return {
    of: (room, bot, userId) => ({
      async set(label, ms) {
        if (ms < 1000 || ms > LIMITS.timerMs) return undefined
        const [name, stored] = [await writer(room, userId), await storedOf(room.id)]
        if (name === undefined || !hasPlace(room.id, userId, stored)) return undefined
        const timer: TimerRow = { id: nanoid(), room_id: room.id, bot, user_id: userId, label, due_at: now() + ms }
        running.set(timer.id, timer)
        try {
          await db.insertInto('timers').values(timer).execute()
        } catch (error) {
          running.delete(timer.id)
          throw error
        }
        return timer.due_at
      },
      async cancel() {
        const timer = ofRoom(room.id, await storedOf(room.id)).findLast(({ user_id }) => user_id === userId)
        if (!timer) return undefined
        running.delete(timer.id)
        const { numDeletedRows } = await db.deleteFrom('timers').where('id', '=', timer.id).executeTakeFirst()
        return numDeletedRows > 0n ? timer.label : undefined
      },
    }),
    async load() {
      // Those of nodes that live ring there.
      if (nodes) return
      // What was being rung when the server died is rung again: the log knows whether it was said.
      await db.updateTable('timers').set({ owner: null }).execute()
      for (const timer of await db.selectFrom('timers').selectAll().orderBy('due_at').execute()) running.set(timer.id, timer)
    },
    async sweep() {
      const due = [...running.values()].filter(({ due_at }) => due_at <= now())
      for (const timer of due) running.delete(timer.id)
      await Promise.all(due.map(timer => ring(timer)))
      if (!nodes || now() - lookedAt < LIMITS.compareMs) return
      lookedAt = now()
      await ringForOthers().catch((error: unknown) => onError(error, 'looking for timers'))
    },
  }
}
