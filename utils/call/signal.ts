/**
 * What two participants say to each other through the server, which only carries it (RTC-1).
 * `from` and `to` are call sessions, not peers: a reload keeps the peer id and makes a new session.
 */
export type CallSignal
  /** "I am in the call." The one who offers answers with an offer; `dead` is the newest generation found broken, `gen` the newest known. */
  = | { k: 'hello', from: string, to?: string, dead: number, gen?: number }
  /** An offer, answer or candidate of one generation of the link. */
    | { k: 'rtc', from: string, to: string, gen: number, data: Record<string, unknown> }

/**
 * Makes a call session's id. No clock is in it: the order among sessions is the server's.
 *
 * @param order of the place the session was given, `<run>.<n>` (RTC-5)
 * @param random a random string
 */
export function newSession(order: string, random: string = crypto.randomUUID()): string {
  return `${order}-${random.slice(0, 8)}`
}

/** Whether one session is known to have begun before another: only those of one run of the server can be compared. */
export function isEarlier(session: string, than: string): boolean {
  const [one, other] = [session, than].map(id => /^(.*)\.(\d+)-/.exec(id))
  return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2])
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
    return { k: 'hello', from: raw.from, to: raw.to, dead: raw.dead as number, ...(Number.isSafeInteger(raw.gen) && { gen: raw.gen as number }) }
  }
  const isRtc = raw.k === 'rtc' && raw.to !== undefined && Number.isSafeInteger(raw.gen)
  if (isRtc && typeof raw.data === 'object' && raw.data !== null) {
    return { k: 'rtc', from: raw.from, to: raw.to as string, gen: raw.gen as number, data: raw.data as Record<string, unknown> }
  }
  return undefined
}
