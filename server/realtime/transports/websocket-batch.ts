import type { OutgoingFrame } from '../outgoing'

/** Bytes of one batch that are kept for the next connection, at most: beyond it each has its own. */
const KEPT_BYTES = 1_048_576

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
   * @param frames what goes to one connection, in order
   * @returns its bytes, in one or two pieces; they belong to others too and must not be changed
   */
  put(frames: readonly OutgoingFrame[]): Buffer[] {
    const [only] = frames
    if (frames.length === 1 && only) return [only.webSocketBytes]
    const shared = this.sharedWith(frames)
    if (shared === frames.length) return [this.upTo(shared)]
    const rest = Buffer.concat(frames.slice(shared).map(frame => frame.webSocketBytes))
    if (shared > 1) return [this.upTo(shared), rest]
    const whole = shared === 0 ? rest : Buffer.concat(frames.map(frame => frame.webSocketBytes))
    if (whole.length <= KEPT_BYTES) this.keep(frames, whole)
    return [whole]
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
