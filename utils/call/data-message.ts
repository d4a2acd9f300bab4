import { isReaction } from './reactions'
import type { BrokenLink, DataMessage, LinkReason } from './types'

const REASONS: ReadonlySet<string> = new Set<LinkReason>(['needs-turn', 'turn-refused', 'no-answer', 'signalling', 'lost', 'reloading'])
const MAX_BROKEN = 16

function parseBroken(value: unknown): BrokenLink[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_BROKEN).flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return []
    const { peer, reason } = item as Record<string, unknown>
    return typeof peer === 'string' && typeof reason === 'string' && REASONS.has(reason) ? [{ peer, reason: reason as LinkReason }] : []
  })
}

/** Reads one message of a link's data channel; undefined when it is not one of ours. */
export function parseDataMessage(text: string): DataMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const raw = value as Record<string, unknown>
  if (raw.t === 'bye') return { t: 'bye', unload: raw.unload === true }
  if (raw.t === 'reaction') return isReaction(raw.emoji) ? { t: 'reaction', emoji: raw.emoji } : undefined
  if (raw.t !== 'state') return undefined
  return {
    t: 'state',
    mic: raw.mic === true,
    cam: raw.cam === true,
    screen: raw.screen === true,
    hand: raw.hand === true,
    broken: parseBroken(raw.broken),
  }
}
