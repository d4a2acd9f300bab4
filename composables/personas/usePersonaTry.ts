import type { Ref, ShallowRef } from 'vue'
import { onScopeDispose, ref, shallowRef } from 'vue'
import { LIMITS } from '#shared/protocol/limits'
import type { PersonaSettings } from '#shared/protocol/persona'
import type { AgentAnswer } from '../../utils/agents/agent-answer'
import { emptyAnswer, withEvent } from '../../utils/agents/agent-answer'
import { fromFetch } from '../../utils/connection/chat-error'
import { readEvents } from '../../utils/connection/event-stream'

/** A persona as it is being edited, and what it is asked. */
export interface TryRequest { id: string, settings: PersonaSettings, message: string }

export interface UsePersonaTryReturn {
  /** The answer to the last question, as far as it came. */
  answer: ShallowRef<AgentAnswer | undefined>
  /** The last question. */
  asked: Ref<string>
  isAnswering: Ref<boolean>
  /** Why there is no answer, in words. */
  problem: Ref<string>
  ask: (request: TryRequest) => Promise<void>
  /** Leaves the answer, which stops its engine. */
  stop: () => void
}

/**
 * Asks a persona that is being edited (AGT-11). One question at a time; a new one leaves the last.
 *
 * @param broken what is said of an answer whose connection was lost
 */
export function usePersonaTry(broken: string, request: typeof fetch = (...args) => fetch(...args)): UsePersonaTryReturn {
  const answer = shallowRef<AgentAnswer>()
  const asked = ref('')
  const isAnswering = ref(false)
  const problem = ref('')
  let running: AbortController | undefined

  async function ask({ id, settings, message }: TryRequest): Promise<void> {
    stop()
    const own = new AbortController()
    running = own
    asked.value = message
    answer.value = undefined
    problem.value = ''
    isAnswering.value = true
    try {
      const response = await request('/api/personas/try', { method: 'POST', signal: own.signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id, settings, message }) })
      if (!response.ok || !response.body) throw fromFetch({ data: await response.json().catch(() => undefined) as unknown })
      let read = emptyAnswer(id, new Date().toISOString())
      await readEvents(response.body, {
        silenceMs: LIMITS.silenceMs,
        onSilence: () => own.abort(),
        onEvent(event) {
          read = withEvent(read, event)
          if (running === own) answer.value = read
        },
      })
      if (running === own && !read.done) problem.value = broken
    } catch (error) {
      // What was left on purpose is no problem.
      if (running === own) problem.value = answer.value ? broken : (error instanceof Error && error.name === 'ChatError' ? error : fromFetch(error)).message
    } finally {
      if (running === own) {
        running = undefined
        isAnswering.value = false
      }
    }
  }

  function stop(): void {
    const left = running
    running = undefined
    isAnswering.value = false
    left?.abort()
    if (left && answer.value) answer.value = { ...answer.value, finish: 'cancelled', done: true }
  }

  onScopeDispose(stop)
  return { answer, asked, isAnswering, problem, ask, stop }
}
