/** Bytes of one batch that are kept for the next connection, at most: beyond it each has its own. */
const KEPT_BYTES = 1_048_576

/** The bytes for one connection: those it has in common with others, and then its own. */
export interface BatchBytes {
  shared: Buffer
  own?: Buffer
}

/**
 * Puts the encoded frames of one tick together for one write. The members of a room get the same frames tick for tick, so the bytes
 * that were put together for the one before are used again as far as the frames are the same ones: two hundred members of
 * a busy room share one buffer instead of having two hundred copies made.
 */
export class Batch {
  private pieces: readonly Buffer[] = []
  private bytes: Buffer = Buffer.alloc(0)
  /** Where each of the pieces ends in the bytes. */
  private ends: number[] = []

  /**
   * @param pieces what goes to one connection, in order; at least one. The same frame is the same buffer each time
   * @returns its bytes; they belong to others too and must not be changed
   */
  put(pieces: readonly Buffer[]): BatchBytes {
    const [first] = pieces
    if (pieces.length === 1 && first) return { shared: first }
    const count = this.sharedWith(pieces)
    if (count === pieces.length) return { shared: this.upTo(count) }
    if (count > 1) return { shared: this.upTo(count), own: Buffer.concat(pieces.slice(count)) }
    const shared = Buffer.concat(pieces)
    if (shared.length <= KEPT_BYTES) this.keep(pieces, shared)
    return { shared }
  }

  /** How many pieces at the beginning are the same ones as before. */
  private sharedWith(pieces: readonly Buffer[]): number {
    const most = Math.min(pieces.length, this.pieces.length)
    let shared = 0
    while (shared < most && pieces[shared] === this.pieces[shared]) shared++
    return shared
  }

  private upTo(count: number): Buffer {
    return count === this.ends.length ? this.bytes : this.bytes.subarray(0, this.ends[count - 1])
  }

  private keep(pieces: readonly Buffer[], bytes: Buffer): void {
    let end = 0
    this.pieces = pieces
    this.bytes = bytes
    this.ends = pieces.map(piece => end += piece.length)
  }
}
