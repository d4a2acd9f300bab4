import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { RoomLog } from '../log/types'
import type { RoomDirectory } from '../rooms/directory'
import type { CallChange, Calls } from './calls'

export interface CallLogOptions {
  log: RoomLog
  rooms: Pick<RoomDirectory, 'inCall'>
  /** Whether it is known who is in calls on other nodes. @default always */
  isUp?: () => boolean
  /** Tells the room what is stored now. */
  tell: (change: CallChange, timestamp: string) => void
  onError: (error: unknown, where: string) => void
}

/** How long a disk that refused is left alone, in milliseconds. */
const RETRY_MS = 5_000

/** Stores that a room's call started or ended, and tells the room (RTC-7). Either is stored once, however often it is noted. */
export class CallLog {
  /** The newest of what has to be written, room by room. */
  private readonly due = new Map<string, CallChange>()
  private readonly writing = new Set<string>()
  private isRecovered = false
  private upMs = 0
  private retryAt = 0

  constructor(private readonly options: CallLogOptions) {}

  note(change: CallChange): void {
    this.due.set(change.roomId, change)
    void this.write(change.roomId)
  }

  /**
   * Writes again what the disk refused, and ends the calls that a restart cut off and nobody came back to.
   *
   * @param upMs for how long the server has been up
   */
  sweep(upMs: number, calls: Calls): void {
    this.upMs = upMs
    if (upMs >= this.retryAt) for (const roomId of this.due.keys()) void this.write(roomId)
    if (this.isRecovered || upMs < LIMITS.mediaMemoryMs || this.options.isUp?.() === false) return
    this.isRecovered = true
    void this.recover(calls).catch((error: unknown) => this.options.onError(error, 'calls'))
  }

  private async recover(calls: Calls): Promise<void> {
    for (const roomId of await this.options.rooms.inCall()) {
      if (!calls.isOn(roomId)) this.note({ roomId, state: 'ended', user: { id: 'server', name: '', role: 'guest' } })
    }
  }

  private async write(roomId: string): Promise<void> {
    if (this.writing.has(roomId)) return
    this.writing.add(roomId)
    try {
      for (let change = this.due.get(roomId); change; change = this.due.get(roomId)) {
        const { state, user } = change
        const { timestamp, duplicate } = await this.options.log.append(roomId, { type: 'call', userId: user.id, userName: user.name, state })
        if (this.due.get(roomId) === change) this.due.delete(roomId)
        if (!duplicate) this.options.tell(change, timestamp)
      }
    } catch (error) {
      this.retryAt = this.upMs + RETRY_MS
      // The room is gone, and its call with it.
      if (error instanceof ProtocolError && !error.retryable) this.due.delete(roomId)
      else this.options.onError(error, 'calls')
    } finally {
      this.writing.delete(roomId)
    }
  }
}
