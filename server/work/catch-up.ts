import type { Bus } from '../realtime/bus'
import type { Connection } from '../realtime/connection'

export interface CatchUpOptions {
  bus: Bus
  connections: () => Iterable<Connection>
  /** Which of these sign-ins were ended. */
  endedAmong: (sids: readonly string[]) => Promise<readonly string[]>
  /** Ends what goes on here under a sign-in that was ended on another node. */
  signOut: (sid: string) => void
  /** Forgets what was read before nothing could be heard. */
  forget: () => void
  onError: (error: unknown, where: string) => void
}

/**
 * Makes up for what the bus could not tell: what was read before is read again, and sign-ins that were ended on other nodes are found in
 * the database, while Redis is away and when it is back (CON-12).
 *
 * @returns looks for them, while that is needed; to be called every few seconds
 */
export function catchUp({ bus, connections, endedAmong, signOut, forget, onError }: CatchUpOptions): () => void {
  async function look(): Promise<void> {
    const sids = new Set<string>()
    for (const { state } of connections()) if (state.phase === 'established') sids.add(state.sid)
    for (const sid of await endedAmong([...sids])) signOut(sid)
  }
  const lookNow = (): void => void look().catch((error: unknown) => onError(error, 'looking for sign-ins that ended'))
  bus.subscribe({
    back() {
      forget()
      lookNow()
    },
  })
  return () => {
    if (bus.hasOthers && !bus.isUp()) lookNow()
  }
}
