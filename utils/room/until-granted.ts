import type { ChatError } from '../connection/chat-error'

export interface UntilGrantedOptions<T> {
  /** Settles once the server can be asked. */
  ready: () => Promise<unknown>
  /** Whether it can be asked now. */
  isReady: () => boolean
  /** Asks once. What was granted already is granted again, so that it may be asked twice. */
  ask: () => Promise<T>
  /** Whether anybody still wants it. @default always */
  isWanted?: () => boolean
  /** How often it is asked while the server can be. @default 8 */
  tries?: number
  pause?: (ms: number) => Promise<unknown>
}

/**
 * Waits for the server as what is written does: a connection that is not there, or breaks, is no refusal.
 *
 * @returns nothing where nobody wants it any more
 * @throws ChatError the server's refusal
 */
export async function untilGranted<T>(options: UntilGrantedOptions<T>): Promise<T | undefined> {
  const { ready, isReady, ask, isWanted = () => true, tries = 8, pause = ms => new Promise(resolve => setTimeout(resolve, ms)) } = options
  for (let tried = 0; ;) {
    await ready()
    if (!isWanted()) return undefined
    try {
      return await ask()
    } catch (reason) {
      const error = reason as ChatError
      if (!error.retryable) throw error
      // A connection that broke meanwhile says nothing about the wish.
      if (!isReady()) continue
      if (++tried >= tries) throw error
      await pause(error.retryAfterMs ?? 1_000)
    }
  }
}
