import { ProtocolError } from '#shared/protocol/errors'
import type { Entry } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { DatabaseHandle } from '../db/client'
import { StorageUnavailable } from '../storage/guard'
import { dropRoom } from './drop'
import { Eraser } from './eraser'
import { DailyQuota } from './quota'
import type { StorageQuotas } from './quota'
import { readBefore, readHeads, readNewest, readSince, readTail, searchMessages } from './reader'
import { createLogStatements } from './statements'
import type { LogStatements } from './statements'
import { RoomTails } from './tails'
import type { Append, Appended, CommitListener, LogSlice, RoomLog } from './types'
import { writeRooms } from './transaction'
import type { RoomWritten } from './transaction'
import type { Outcome } from './writer'

/** Appends that share one transaction at most; bounds what one commit holds back. */
const MAX_BATCH = 500
/** Appends that may wait for the disk; past it the sender is told to retry. */
const MAX_QUEUE = 20_000

interface Waiting {
  roomId: string
  append: Append
  resolve: (appended: Appended) => void
  reject: (error: ProtocolError) => void
}

interface Written extends RoomWritten {
  roomId: string
  items: Waiting[]
}

/** What the log tells its owner besides its results. */
export interface RoomLogOptions {
  /** Clock in ISO 8601 UTC. @default the system's */
  now?: () => string
  /** Whether memory may answer for a room: where other nodes commit too, of those that are followed. @default all */
  remembers?: (roomId: string) => boolean
  /** Whether other nodes commit too. @default false */
  isShared?: boolean
  /** Called with what made a whole commit fail. */
  onError?: (error: unknown) => void
  /** Milliseconds for which whoever clears waits for the erasing. @default 100 */
  eraseMs?: number
  /** How much may be stored. @default as much as there is place */
  quotas?: StorageQuotas
}

/**
 * The log on a database, with group commit: everything that arrived while the disk was busy becomes one transaction,
 * so that one sync to disk serves all of it. Readers of a live room are served from memory.
 */
export function createRoomLog(handle: DatabaseHandle, options: RoomLogOptions = {}): RoomLog {
  const now = options.now ?? (() => new Date().toISOString())
  const listeners = new Set<CommitListener>()
  const remembers = options.remembers ?? (() => true)
  const statements = createLogStatements(handle.db)
  const words = handle.dialect.words.keeper(handle.db, error => options.onError?.(error))
  const eraser = new Eraser(handle, error => options.onError?.(error), options.eraseMs)
  const tails = new RoomTails(roomId => readTail(handle.db, roomId, LIMITS.liveTail))
  const quota = new DailyQuota(options.quotas ?? {})
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  async function append(roomId: string, op: Append, address?: string): Promise<Appended> {
    quota.take(op, address)
    if (waiting.length >= MAX_QUEUE) throw new ProtocolError('unavailable', 'the log is busy', { retryAfterMs: 1000 })
    return new Promise((resolve, reject) => {
      waiting.push({ roomId, append: op, resolve, reject })
      writing ??= endOfTick().then(writeAll)
    })
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      await commit(batch)
      // Frames that arrived during the commit join the next one instead of each starting its own.
      await endOfTick()
    }
    // In the same step as the check above: an append in between would wait for a writer that has gone.
    writing = undefined
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    const rooms = new Map<string, Waiting[]>()
    for (const item of batch) {
      const room = rooms.get(item.roomId)
      if (room) room.push(item)
      else rooms.set(item.roomId, [item])
    }
    let written: Written[]
    try {
      written = await transact(handle, statements, rooms, now(), options.quotas?.roomBytes)
    } catch (error) {
      // Where nothing can be stored, each half would only wait and fail like the whole.
      if (batch.length > 1 && !(error instanceof StorageUnavailable)) {
        // One append the database cannot take must not fail those it shared the transaction with: halve until it is alone.
        const half = Math.ceil(batch.length / 2)
        await commit(batch.slice(0, half))
        return commit(batch.slice(half))
      }
      if (error instanceof StorageUnavailable) return batch.forEach(item => item.reject(error))
      options.onError?.(error)
      for (const item of batch) item.reject(new ProtocolError('unavailable', 'the message could not be stored', { retryAfterMs: 1000, cause: error }))
      return
    }
    const erased = erase(written)
    for (const { roomId, items, outcomes, entries } of written) {
      publish(roomId, entries, 'here')
      items.forEach((item, i) => {
        // Who took something away is told so when it is off the disk; nobody else waits for that.
        if (item.append.type === 'delete' || item.append.type === 'clear') void erased.then(() => settle(item, outcomes[i]))
        else settle(item, outcomes[i])
      })
    }
    words.stored(written.reduce((sum, { entries }) => sum + entries.filter(({ type }) => type === 'message.new').length, 0))
    // What was not written with these has a transaction of its own: were it to fail, these would be tried, and told, again.
    const done = new Set(written.map(({ roomId }) => roomId))
    const left = batch.filter(({ roomId }) => !done.has(roomId))
    if (left.length > 0) await commit(left)
  }

  /** Takes erased texts off the disk before it is said that they are gone; of a long room the first piece, and the rest follows. */
  async function erase(written: readonly Written[]): Promise<void> {
    const of = (type: Entry['type']) => written.filter(({ entries }) => entries.some(entry => entry.type === type))
    const cleared = of('clear')
    for (const { roomId } of cleared) await eraser.begin(roomId)
    if (cleared.length > 0 || of('message.deleted').length > 0) await handle.purge()
  }

  function publish(roomId: string, entries: Entry[], origin: 'here' | 'elsewhere'): void {
    if (entries.length === 0) return
    // What is committed is committed: a fault after it may neither fail its ack nor end the writing.
    try {
      tails.apply(roomId, entries)
    } catch (error) {
      tails.forget(roomId)
      options.onError?.(error)
    }
    for (const listener of listeners) {
      try {
        listener(roomId, entries, origin)
      } catch (error) {
        options.onError?.(error)
      }
    }
  }

  async function since(roomId: string, fromSeq: number, limit: number): Promise<LogSlice> {
    const tail = remembers(roomId) ? await tails.get(roomId) : undefined
    // Whoever has seen more than memory was there when another node committed it.
    const known = tail && fromSeq <= tail.head ? tail.since(fromSeq, limit) : undefined
    return known ?? readSince(handle.db, roomId, fromSeq, limit)
  }

  async function newest(roomId: string, limit: number): Promise<LogSlice> {
    const known = remembers(roomId) ? (await tails.get(roomId)).newest(limit) : undefined
    if (!known || await isBehind(roomId, known.head)) return readNewest(handle.db, roomId, limit)
    return known
  }

  /** Whether another node has committed what was not told here yet: whoever comes from there has seen it, and must not see less. */
  async function isBehind(roomId: string, head: number): Promise<boolean> {
    return options.isShared === true && (await readHeads(handle.db, [roomId])).get(roomId) !== head
  }

  return {
    append,
    since,
    newest,
    stored: (roomId, fromSeq, limit) => readSince(handle.db, roomId, fromSeq, limit),
    heads: roomIds => readHeads(handle.db, roomIds),
    forget: roomId => roomId === undefined ? tails.forgetAll() : tails.forget(roomId),
    before: (roomId, beforeSeq, limit) => readBefore(handle.db, roomId, beforeSeq, limit),
    async search(roomId, question, limit) {
      await words.caughtUp()
      return searchMessages(handle, roomId, question, limit)
    },
    onCommitted(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    follow: (roomId, entries) => publish(roomId, entries, 'elsewhere'),
    async drop(roomId) {
      const rooms = await dropRoom(handle, roomId)
      for (const id of rooms) {
        tails.forget(id)
        await eraser.begin(id)
      }
      await handle.purge()
      return rooms
    },
    resume() {
      eraser.wake()
      words.resume()
    },
    erased: () => eraser.done(),
    async drained() {
      while (writing) await writing
      await Promise.all([words.drained(), eraser.rest()])
    },
  }
}

async function transact(handle: DatabaseHandle, statements: LogStatements, rooms: ReadonlyMap<string, Waiting[]>, at: string, roomBytes?: number): Promise<Written[]> {
  const appends = new Map([...rooms].map(([roomId, items]) => [roomId, items.map(item => item.append)]))
  const results = await writeRooms(handle, statements, at, appends, roomBytes)
  return [...rooms].flatMap(([roomId, items]) => {
    const result = results.get(roomId)
    return result ? [{ roomId, items, ...result }] : []
  })
}

function settle(item: Waiting, outcome: Outcome | undefined): void {
  if (outcome === undefined) item.reject(new ProtocolError('internal', 'the append had no outcome'))
  else if (outcome instanceof ProtocolError) item.reject(outcome)
  else item.resolve(outcome)
}

function endOfTick(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
