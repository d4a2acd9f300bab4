import type { Kysely, Transaction } from 'kysely'
import type { DatabaseHandle } from '../db/client'
import type { Database } from '../db/schema'
import { StorageUnavailable } from '../storage/guard'
import { DROPPED } from '../rooms/kinds'
import { erasableBytes } from './sizes'

/** How long one piece may keep everybody else waiting, in milliseconds; its size follows from how long the last one took. */
const PIECE_MS = 8
/** What whoever clears waits for at most, in milliseconds. */
const MOMENT_MS = 100
const PIECE = { first: 16, most: 256, bytes: 16_384 }
/** After a piece that failed, the disk may need a while. */
const RETRY_MS = 2_000

/** Tables with rows of a room besides its messages, the largest first. */
const TABLES = ['entries', 'room_members', 'room_bots'] as const

/**
 * Erases what was cleared or dropped, in pieces between the commits of others. Nobody can read it from the moment it was cleared
 * (LOG-6): the room's floor is above it. How far it is stands in the database, so that it goes on after a restart.
 */
export class Eraser {
  private size: number = PIECE.first
  private running?: Promise<void>
  private resting = false

  constructor(private readonly handle: DatabaseHandle, private readonly onError: (error: unknown) => void, private readonly momentMs = MOMENT_MS) {}

  /** Goes on with what is left, in the background. */
  wake(): void {
    this.resting = false
    this.running ??= this.run().finally(() => this.running = undefined)
  }

  /** Erases what a moment is enough for: all there is of most rooms. The rest follows in the background. */
  async begin(roomId: string): Promise<void> {
    try {
      for (const end = performance.now() + this.momentMs; performance.now() < end && await this.piece(roomId);) await new Promise(resolve => setImmediate(resolve))
    } catch {
      // It is on the list, and tried again.
    }
    this.wake()
  }

  /** Resolves when all that was cleared or dropped is off the disk. */
  async done(): Promise<void> {
    while (this.running) await this.running
  }

  /** Stops after the present piece, until it is woken. */
  async rest(): Promise<void> {
    this.resting = true
    await this.running
  }

  private async run(): Promise<void> {
    let erased = false
    while (!this.resting) {
      const started = performance.now()
      try {
        const next = await this.handle.db.selectFrom('erasures').select('room_id').limit(1).executeTakeFirst()
        if (!next) break
        erased = true
        await this.piece(next.room_id)
        // As long a rest as the work took: those who write get every second turn at least.
        await this.pause(Math.max(1, performance.now() - started))
      } catch (error) {
        if (!(error instanceof StorageUnavailable)) this.onError(error)
        setTimeout(() => this.resting || this.wake(), RETRY_MS).unref()
        return
      }
    }
    if (erased) await this.handle.purge()
  }

  /** @returns whether there may be more */
  private async piece(roomId: string): Promise<boolean> {
    const started = performance.now()
    let took = this.size
    const more = await this.handle.db.transaction().execute(async (trx) => {
      // Whoever clears or drops it meanwhile changes how far this is, and has to come before or after.
      await this.handle.dialect.hold(trx, [roomId])
      const erasure = await trx.selectFrom('erasures').innerJoin('rooms', 'rooms.id', 'erasures.room_id')
        .select(['done', 'floor', 'kind']).where('room_id', '=', roomId).executeTakeFirst()
      if (!erasure) return false
      const erased = await this.eraseMessages(trx, roomId, erasure)
      took = Math.max(1, erased)
      if (erased > 0) return true
      if (erasure.kind === DROPPED && await this.eraseRest(trx, roomId)) return true
      await trx.deleteFrom('erasures').where('room_id', '=', roomId).execute()
      if (erasure.kind === DROPPED) await trx.deleteFrom('rooms').where('id', '=', roomId).execute()
      return false
    })
    const fitting = took * PIECE_MS / Math.max(0.1, performance.now() - started)
    this.size = Math.round(Math.min(PIECE.most, this.size * 2, Math.max(1, fitting)))
    return more
  }

  /** @returns how many messages were erased; their rows stay in a room that is, so that no `client_msg_id` is taken twice (LOG-4) */
  private async eraseMessages(trx: Transaction<Database>, roomId: string, { done, floor, kind }: { done: number, floor: number, kind: string }): Promise<number> {
    const next = await trx.selectFrom('messages').select(['n', 'id', 'seq', 'state', 'text', 'attachments', 'metadata'])
      .where('room_id', '=', roomId).where('seq', '>', done).where('seq', '<=', floor).orderBy('seq').limit(this.size).execute()
    let bytes = 0
    const rows = next.filter((row, i) => (bytes += erasableBytes(row)) <= PIECE.bytes || i === 0)
    const last = rows.at(-1)
    if (!last) return 0
    await trx.deleteFrom('reactions').where('message_id', 'in', rows.map(row => row.id)).execute()
    const those = rows.map(row => row.n)
    if (kind === DROPPED) {
      await trx.deleteFrom('messages').where('n', 'in', those).execute()
    } else {
      await trx.updateTable('messages').set({ text: '', attachments: null, metadata: '{}', state: 'cleared' }).where('n', 'in', those).where('state', '!=', 'cleared').execute()
    }
    await trx.updateTable('erasures').set({ done: last.seq }).where('room_id', '=', roomId).execute()
    return rows.length
  }

  /** @returns whether there was anything left besides messages */
  private async eraseRest(trx: Transaction<Database>, roomId: string): Promise<boolean> {
    for (const table of TABLES) {
      if (await this.handle.dialect.deleteSome(trx, table, roomId, this.size)) return true
    }
    return false
  }

  private pause(ms: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, ms))
  }
}

/** Puts a cleared room on the list of what has to be erased. What is at or below `floor` was cleared before. */
export async function listErasure(trx: Kysely<Database>, roomId: string, floor: number): Promise<void> {
  await trx.insertInto('erasures').values({ room_id: roomId, done: floor }).onConflict(conflict => conflict.doNothing()).execute()
}
