import type { OutgoingFrame } from '../outgoing'

/** Bytes of one batch that are kept for the next connection, at most: beyond it each has its own. */
const KEPT_BYTES = 1_048_576

/** The bytes for one connection: those it has in common with others, and then its own. */
export interface BatchBytes {
  shared: Buffer
  own?: Buffer
}

/**
 * Puts the frames of one tick together for one write. The members of a room get the same frames tick for tick, so the bytes that
 * were put together for the one before are used again as far as the frames are the same ones: two hundred members of a
 * busy room share one buffer instead of having two hundred copies made.
 */
export class FrameBatch {
  private frames: readonly OutgoingFrame[] = []
  private bytes: Buffer = Buffer.alloc(0)
  /** Where each of the frames ends in the bytes. */
  private ends: number[] = []

  /**
   * @param frames what goes to one connection, in order; at least one
   * @returns its bytes; they belong to others too and must not be changed
   */
  put(frames: readonly OutgoingFrame[]): BatchBytes {
    const [first] = frames
    if (frames.length === 1 && first) return { shared: first.webSocketBytes }
    const count = this.sharedWith(frames)
    if (count === frames.length) return { shared: this.upTo(count) }
    if (count > 1) return { shared: this.upTo(count), own: together(frames.slice(count)) }
    const shared = together(frames)
    if (shared.length <= KEPT_BYTES) this.keep(frames, shared)
    return { shared }
  }

  /** How many frames at the beginning are the same ones as before. */
  private sharedWith(frames: readonly OutgoingFrame[]): number {
    const most = Math.min(frames.length, this.frames.length)
    let shared = 0
    while (shared < most && frames[shared] === this.frames[shared]) shared++
    return shared
  }

  private upTo(count: number): Buffer {
    return count === this.ends.length ? this.bytes : this.bytes.subarray(0, this.ends[count - 1])
  }

  private keep(frames: readonly OutgoingFrame[], bytes: Buffer): void {
    let end = 0
    this.frames = frames
    this.bytes = bytes
    this.ends = frames.map(frame => end += frame.webSocketBytes.length)
  }
}

function together(frames: readonly OutgoingFrame[]): Buffer {
  return Buffer.concat(frames.map(frame => frame.webSocketBytes))
}
