import type { Entry } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { CommitListener, RoomLog } from '../log/types'

type Origin = Parameters<CommitListener>[2]

/** How long an entry waits for one before it that another node has committed and not told yet; then it is read. */
const GAP_MS = 40
/** Entries of a room that wait for one before them; beyond it they are read as well. */
const HELD = 5_000
/** For how long a head that has changed is told in every beat. */
const NEWS_MS = 5_000
/** When a read that failed is tried again. */
const RETRY_MS = 1_000

interface Followed {
  /** The newest entry that was delivered; undefined until it is known where to begin. */
  delivered?: number
  readonly held: Map<number, { entry: Entry, origin: Origin }>
  begun?: Promise<void>
  reading?: Promise<void>
  timer?: ReturnType<typeof setTimeout>
  /** When its head last changed. */
  changedAt: number
}

export interface RoomOrderOptions {
  log: Pick<RoomLog, 'stored' | 'follow' | 'heads' | 'forget'>
  /** Takes entries of a room in the order of `seq`. */
  deliver: CommitListener
  /** Whether other nodes commit too; where none does, everything comes in order. */
  hasOthers: boolean
  onError: (error: unknown, where: string) => void
}

/**
 * Puts what many nodes commit into one order. In what order nodes tell of it is not the order in which it was committed, and what they
 * tell may be lost: of the rooms that are listened to here, an entry waits for those before it, which are read where they do not come.
 */
export class RoomOrder {
  private readonly rooms = new Map<string, Followed>()
  private comparing?: Promise<void>
  private comparedAt = 0

  constructor(private readonly options: RoomOrderOptions) {}

  /** Whether a room is followed without a gap: what memory has of it is all there is, but for what comes this moment. */
  follows(roomId: string): boolean {
    return !this.options.hasOthers || this.rooms.get(roomId)?.delivered !== undefined
  }

  /**
   * Follows a room from now on. To be awaited before it is read for whoever listens.
   *
   * @returns undefined where it was followed before
   */
  watch(roomId: string): Promise<void> | undefined {
    if (!this.options.hasOthers) return undefined
    const known = this.rooms.get(roomId)
    if (known) return known.begun
    const followed: Followed = { held: new Map(), changedAt: performance.now() }
    this.rooms.set(roomId, followed)
    followed.begun = this.begin(roomId, followed)
    return followed.begun
  }

  /** Nobody listens any more. */
  forget(roomId: string): void {
    clearTimeout(this.rooms.get(roomId)?.timer)
    this.rooms.delete(roomId)
  }

  /** Takes in what was committed, here or elsewhere, in any order. */
  offer(roomId: string, entries: Entry[], origin: Origin): void {
    const followed = this.rooms.get(roomId)
    if (!followed) return this.options.deliver(roomId, entries, origin)
    for (const entry of entries) {
      if (entry.seq > (followed.delivered ?? 0) && !followed.held.has(entry.seq)) followed.held.set(entry.seq, { entry, origin })
    }
    if (followed.held.size > HELD) followed.held.clear()
    this.release(roomId, followed)
  }

  /** A room's log is so far, as another node has seen it. */
  noteHead(roomId: string, head: number): void {
    const followed = this.rooms.get(roomId)
    if (followed?.delivered !== undefined && head > followed.delivered) this.fill(roomId, followed)
  }

  /** How far the followed rooms are in which something was said lately: what others have not heard of the rest, they find by looking. */
  heads(): Record<string, number> {
    const since = performance.now() - NEWS_MS
    return Object.fromEntries([...this.rooms].flatMap(([roomId, { delivered, changedAt }]) => delivered === undefined || changedAt < since ? [] : [[roomId, delivered]]))
  }

  /** Looks now and then for what the bus has lost. @param now milliseconds of the hub's clock */
  sweep(now: number): void {
    if (!this.options.hasOthers || now - this.comparedAt < LIMITS.compareMs) return
    this.comparedAt = now
    this.compare().catch((error: unknown) => this.options.onError(error, 'following rooms'))
  }

  /** Compares all followed rooms with what is stored: whatever was not told, or lost, comes now. */
  compare(): Promise<void> {
    return this.comparing ??= this.compareAll().finally(() => this.comparing = undefined)
  }

  private async compareAll(): Promise<void> {
    if (this.rooms.size === 0) return
    for (const [roomId, head] of await this.options.log.heads([...this.rooms.keys()])) this.noteHead(roomId, head)
  }

  private async begin(roomId: string, followed: Followed): Promise<void> {
    try {
      // What memory has was not kept up to date while nobody listened.
      this.options.log.forget(roomId)
      const head = (await this.options.log.heads([roomId])).get(roomId) ?? 0
      if (this.rooms.get(roomId) !== followed) return
      followed.delivered = head
      followed.begun = undefined
      for (const seq of [...followed.held.keys()]) if (seq <= head) followed.held.delete(seq)
      this.release(roomId, followed)
    } catch (error) {
      if (this.rooms.get(roomId) === followed) this.rooms.delete(roomId)
      throw error
    }
  }

  private release(roomId: string, followed: Followed): void {
    if (followed.delivered === undefined) return
    for (;;) {
      const run: Entry[] = []
      let origin: Origin | undefined
      for (let next = followed.held.get(followed.delivered + 1); next && (origin === undefined || next.origin === origin); next = followed.held.get(followed.delivered + 1)) {
        followed.held.delete(++followed.delivered)
        run.push(next.entry)
        origin = next.origin
      }
      if (origin === undefined) break
      followed.changedAt = performance.now()
      this.options.deliver(roomId, run, origin)
    }
    clearTimeout(followed.timer)
    followed.timer = followed.held.size === 0 ? undefined : setTimeout(() => this.fill(roomId, followed), GAP_MS)
  }

  /** Reads what is missing. One read at a time; whoever asks meanwhile is served by it or by the next one. */
  private fill(roomId: string, followed: Followed): void {
    followed.reading ??= this.read(roomId, followed)
      .catch((error: unknown) => {
        this.options.onError(error, 'following a room')
        followed.timer ??= setTimeout(() => this.fill(roomId, followed), RETRY_MS)
      })
      .finally(() => followed.reading = undefined)
  }

  private async read(roomId: string, followed: Followed): Promise<void> {
    for (;;) {
      const after = followed.delivered ?? 0
      const { entries, head } = await this.options.log.stored(roomId, after, LIMITS.replayEntries)
      if (this.rooms.get(roomId) !== followed || head <= (followed.delivered ?? 0)) return
      // What was cleared is not there any more, and nobody is to see it.
      const first = entries[0]?.seq ?? head + 1
      if (first > (followed.delivered ?? 0) + 1) {
        followed.delivered = first - 1
        for (const seq of [...followed.held.keys()]) if (seq < first) followed.held.delete(seq)
      }
      const missing = entries.filter(({ seq }) => seq > (followed.delivered ?? 0) && !followed.held.has(seq))
      // To everybody in this process who follows the log; it comes back to `offer`.
      if (missing.length > 0) this.options.log.follow(roomId, missing)
      else this.release(roomId, followed)
      if (entries.length < LIMITS.replayEntries) return
    }
  }
}
