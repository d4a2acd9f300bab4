import type { ChosenBy } from './transport-choice'
import type { TransportName } from './wire'

/** Why a connection changed its transport. */
export type SwitchReason = ChosenBy | 'fallback' | 'climb' | 'return'

/** Told what the lines do; for counters and for people. */
export interface ConnectionMonitor {
  received: (transport: TransportName, chars: number) => void
  sent: (transport: TransportName, chars: number) => void
  /** An answer took so long. */
  answered: (transport: TransportName, ms: number) => void
  /** The connection's transport is another one now; `from` is missing for the first one. */
  switched: (change: { from?: TransportName, to: TransportName, why: SwitchReason }) => void
}
