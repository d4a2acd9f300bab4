/**
 * What two participants say to each other through the server, which only carries it (RTC-1).
 * `from` and `to` are call sessions, not peers: a reload keeps the peer id and makes a new session.
 */
export type CallSignal
  /** "I am in the call." The one who offers answers with an offer; `dead` is the newest generation found broken. */
  = | { k: 'hello', from: string, to?: string, dead: number }
  /** An offer, answer or candidate of one generation of the link. */
    | { k: 'rtc', from: string, to: string, gen: number, data: Record<string, unknown> }

/**
 * Makes a call session's id. Later ones of the same tab compare greater, so that a late signal of
 * an earlier page load is recognised.
 *
 * @param now milliseconds since the epoch
 * @param random a random string
 */
export function newSession(now: number = Date.now(), random: string = crypto.randomUUID()): string {
  return `${now.toString(36).padStart(9, '0')}-${random.slice(0, 8)}`
}

/** Whether this peer makes the offers of a link: one fixed side, so that two offers never cross. */
export function isInitiator(self: string, remote: string): boolean {
  return self < remote
}

/** Reads a signal that came from another client; undefined when it is not one of ours. */
export function parseSignal(value: unknown): CallSignal | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const raw = value as Record<string, unknown>
  if (typeof raw.from !== 'string') return undefined
  if (raw.to !== undefined && typeof raw.to !== 'string') return undefined
  if (raw.k === 'hello' && Number.isSafeInteger(raw.dead)) {
    return { k: 'hello', from: raw.from, to: raw.to, dead: raw.dead as number }
  }
  const isRtc = raw.k === 'rtc' && raw.to !== undefined && Number.isSafeInteger(raw.gen)
  if (isRtc && typeof raw.data === 'object' && raw.data !== null) {
    return { k: 'rtc', from: raw.from, to: raw.to as string, gen: raw.gen as number, data: raw.data as Record<string, unknown> }
  }
  return undefined
}
