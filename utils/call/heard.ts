/** What WebRTC says of the sound that came last (`RTCRtpSynchronizationSource`). */
export interface HeardSource {
  timestamp: number
  audioLevel?: number
}

/** Sound comes every 20 ms, silence too: after so many milliseconds without any, nobody is there. */
const STALE_MS = 600

/**
 * Reads a receiver's level. Browsers keep giving the last level of one whose sound stopped coming, so only a source whose
 * timestamp goes on counts. Timestamps are compared with each other alone, never with a clock.
 *
 * @returns a reader: the level 0 … 1; undefined while nothing comes
 */
export function createHeard(): (source: HeardSource | undefined, now: number) => number | undefined {
  let last: number | undefined
  let changedAt = 0
  return (source, now) => {
    if (!source) return undefined
    if (source.timestamp !== last) {
      last = source.timestamp
      changedAt = now
    }
    return now - changedAt > STALE_MS ? undefined : source.audioLevel ?? 0
  }
}
