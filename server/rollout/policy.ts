import { createHash } from 'node:crypto'
import { TRANSPORTS } from '#shared/protocol/fields'
import type { TransportChoice } from '#shared/protocol/fields'

/** Which transport the server asks its users to take: some of them this or that one, the others the default (FLAG-1). */
export interface TransportPolicy {
  default: TransportChoice
  /** Percentages of the users, together at most 100. */
  rollout: Record<typeof TRANSPORTS[number], number>
}

/**
 * Reads a policy as an operator writes it: `auto`, `sse`, or shares before a default, `sse=20,polling=5,auto`.
 *
 * @throws Error that says what is wrong
 */
export function parsePolicy(text: string): TransportPolicy {
  const policy: TransportPolicy = { default: 'auto', rollout: { websocket: 0, sse: 0, polling: 0 } }
  for (const part of text.split(',').map(piece => piece.trim()).filter(Boolean)) {
    const [name, share] = part.split('=', 2)
    if (share === undefined && isChoice(name)) {
      policy.default = name
    } else if (isTransport(name) && share !== undefined && /^\d{1,3}(?:\.\d+)?%?$/.test(share)) {
      policy.rollout[name] = Number.parseFloat(share)
    } else {
      throw new Error(`"${part}" is neither auto, ${TRANSPORTS.join(', ')} nor a share like sse=20`)
    }
  }
  if (total(policy) > 100) throw new Error('the shares are more than 100 % together')
  return policy
}

/** The sum of a policy's shares, in percent. */
export function total({ rollout }: TransportPolicy): number {
  return rollout.websocket + rollout.sse + rollout.polling
}

/**
 * The transport a user is asked to take: the same one each time, and growing a share moves nobody out of it. SSE's share
 * grows from one end of the users and polling's from the other; WebSocket's begins where SSE's ends.
 */
export function assignedTransport(policy: TransportPolicy, userId: string): TransportChoice {
  const { websocket, sse, polling } = policy.rollout
  const place = placeOf(userId)
  if (place < sse) return 'sse'
  if (place >= 100 - polling) return 'polling'
  return place < sse + websocket ? 'websocket' : policy.default
}

/** Where a user stands among all, evenly spread in [0, 100). */
function placeOf(userId: string): number {
  return createHash('sha256').update(`transport\n${userId}`).digest().readUInt32BE(0) / 2 ** 32 * 100
}

function isTransport(name: string | undefined): name is typeof TRANSPORTS[number] {
  return (TRANSPORTS as readonly (string | undefined)[]).includes(name)
}

function isChoice(name: string | undefined): name is TransportChoice {
  return name === 'auto' || isTransport(name)
}
