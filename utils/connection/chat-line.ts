import type { ClientFrame, ServerFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { ChatLine } from '../../composables/connection/useConnectionLifecycle'
import { isNewsType } from './frame-duties'
import type { Trouble } from './transport-choice'
import type { TransportName } from './wire'

/** One transport's connection as the one that is above all of them sees it. */
export interface Line {
  readonly transport: TransportName
  readonly chat: ChatLine
  /** Ends it, with everything that listens to it. */
  readonly dispose: () => void
  /** The rooms whose join was sent over it and is not complete, by the join's `id`. */
  readonly joins: Map<string, string | undefined>
  /** What the server greeted it with, while it stands. */
  greeting?: ServerFrameOf<'connection.established'>
  establishedAt?: number
  /** When it took over from a worse one. */
  climbedAt?: number
  /** How long it stood after that, until it was lost for the first time. */
  lastedMs?: number
  /** When another line of this tab was greeted, for which the server sends this one away (CON-8). */
  rivalAt?: number
  /** What its failures have shown so far. */
  trouble: Trouble
}

/** Notes what a frame that was sent begins. */
export function noteSent(line: Line, frame: ClientFrame): void {
  if (frame.type === 'join') line.joins.set(frame.room, frame.id)
}

/** Notes what a frame that came completes. */
export function noteReceived(line: Line, frame: ServerFrame): void {
  if (frame.type === 'connection.established') line.greeting = frame
  if (frame.type === 'replay.end') line.joins.delete(frame.room)
  if (frame.type !== 'error' || frame.ref === undefined) return
  for (const [room, id] of line.joins) {
    if (id === frame.ref) line.joins.delete(room)
  }
}

/** Whether a frame is still of use that comes over a line which another one has replaced: news, but no part of a join of its own. */
export function isNews(frame: ServerFrame): boolean {
  return isNewsType(frame.type) && !('replay' in frame && frame.replay)
}
