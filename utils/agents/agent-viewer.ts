import type { EventSourceMessage } from 'eventsource-parser'
import { LIMITS } from '#shared/protocol/limits'
import { createBackoff } from '../connection/backoff'
import { readEvents } from '../connection/event-stream'
import type { HeldPlace } from '../connection/held-place'

export interface ViewStreamOptions {
  streamId: string
  /** The number of the newest event held: reading goes on after it. */
  after: () => number
  onEvent: (event: EventSourceMessage) => void
  /** Whether the last event was read. */
  isDone: () => boolean
  /** Told when the server is reached, and when it is not. */
  onReached: (reached: boolean) => void
  /** Stops reading. The answer goes on without a viewer. */
  signal: AbortSignal
  /** Gives one of the few requests that all tabs together may hold open, with what gives it back; nothing where none is left. @default always one */
  place?: HeldPlace
  /** @default fetch */
  fetch?: typeof fetch
}

/** `done`: all was read. `gone`: the server knows no such stream. `stale`: it has fewer events than are held. `left`: nobody reads on. */
export type ViewOutcome = 'done' | 'gone' | 'stale' | 'left'

/** Two comments that should have come did not. */
const SILENCE_MS = 2 * LIMITS.streamCommentMs + 5_000

/** How long one reads who has no place to stay, and how long others may read then, in milliseconds. */
const TURN_MS = 500

/** Reads an answer's stream to its end, through as many cuts as there are, each time after the last event that came (AGT-4). */
export async function viewStream(options: ViewStreamOptions): Promise<ViewOutcome> {
  const { signal, onReached } = options
  const backoff = createBackoff({ baseMs: 400, maxMs: 5_000 })
  for (;;) {
    const leavePlace = await (options.place ?? always)()
    const outcome = await read(options, leavePlace ? Infinity : TURN_MS, () => {
      backoff.opened()
      onReached(true)
    }).finally(leavePlace)
    if (signal.aborted) return 'left'
    if (outcome === 'turn') {
      await pause(TURN_MS, signal)
      continue
    }
    if (outcome) return outcome
    onReached(false)
    backoff.closed()
    await pause(backoff.next(), signal)
    if (signal.aborted) return 'left'
  }
}

/** One request, for so long at most. Gives nothing where another one should be made, and `turn` when it is over without harm. */
async function read({ streamId, after, onEvent, isDone, signal, fetch: request = fetch }: ViewStreamOptions, turnMs: number, reached: () => void): Promise<ViewOutcome | 'turn' | undefined> {
  const own = new AbortController()
  let turn: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const leave = () => own.abort()
  signal.addEventListener('abort', leave)
  try {
    const last = after()
    const response = await request(`/api/ai-agent/stream/${encodeURIComponent(streamId)}`, { signal: own.signal, headers: { accept: 'text/event-stream', ...last > 0 && { 'last-event-id': String(last) } } })
    if (response.status === 204) return 'done'
    if (response.status === 400) return 'stale'
    if (response.status >= 401 && response.status <= 404) return 'gone'
    if (!response.ok || !response.body) return undefined
    reached()
    if (turnMs < Infinity) {
      turn = setTimeout(() => {
        isOver = true
        leave()
      }, turnMs)
    }
    await readEvents(response.body, { onEvent, silenceMs: SILENCE_MS, onSilence: leave })
    return isDone() ? 'done' : undefined
  } catch {
    if (isDone()) return 'done'
    return isOver ? 'turn' : undefined
  } finally {
    clearTimeout(turn)
    signal.removeEventListener('abort', leave)
  }
}

const always: HeldPlace = async () => () => {}

/** Waits, unless nobody reads on. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
