import { useEventListener } from '@vueuse/core'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { timeOrderedId } from '#shared/time-ordered-id'
import type { AgentAnswer } from '../../utils/agents/agent-answer'
import { emptyAnswer, packAnswer, unpackAnswer, withEvent } from '../../utils/agents/agent-answer'
import { viewStream } from '../../utils/agents/agent-viewer'
import type { AgentsApi, AgentSession, OpenedSession } from '../../utils/agents/agents-api'
import { streamOf } from '../../utils/chat/answers'
import { createBackoff } from '../../utils/connection/backoff'
import type { ChatError } from '../../utils/connection/chat-error'
import { unavailable } from '../../utils/connection/chat-error'
import type { HeldPlace } from '../../utils/connection/held-place'
import { createHeldPlace } from '../../utils/connection/held-place'
import type { RoomMessage } from '../../utils/room/room-view'
import type { KeyValue } from '../../utils/app/storage'
import { orNothing, safeStorage } from '../../utils/app/storage'
import { serverTimestamp } from '../../utils/connection/server-clock'

/** What the person said and the log has not shown yet. */
export interface PendingQuestion {
  readonly text: string
  readonly clientMsgId: string
  readonly timestamp: string
  readonly state: 'sending' | 'sent' | 'failed'
  /** Why it failed, for people. */
  readonly error?: string
}

export interface UseAgentChatOptions {
  api: AgentsApi
  /** The session that is shown; none while there is none yet. */
  id: Ref<string | undefined>
  /** Makes the session with the first question; `id` then names it. @default there is none without `id` */
  open?: () => Promise<AgentSession>
  /** The server told of the session. */
  onSession?: (session: AgentSession) => void
  /** Holds, through a reload of the page, how far an answer was read. @default the tab's storage */
  memory?: KeyValue
  /** Where an answer may be read by a request that stays open. @default one of those the browser's tabs share */
  place?: HeldPlace
}

export interface UseAgentChatReturn {
  session: ShallowRef<AgentSession | undefined>
  /** `missing`: there is no such session for this person. `failed`: it could not be opened. */
  phase: Ref<'idle' | 'loading' | 'ready' | 'missing' | 'failed'>
  /** Why it could not be opened, for people. */
  problem: Ref<string>
  /** Oldest first. */
  messages: ShallowRef<readonly RoomMessage[]>
  /** Whether there are older ones. */
  more: Ref<boolean>
  pending: ShallowRef<PendingQuestion | undefined>
  /** The answer on its way, or one that left no message. */
  answer: ShallowRef<AgentAnswer | undefined>
  /** Whether a question or its answer is on its way, so that nothing can be asked. */
  isBusy: ComputedRef<boolean>
  /** Whether the server is reached, as far as is known. */
  isReached: Ref<boolean>
  load: () => Promise<void>
  loadOlder: () => Promise<void>
  /** Asks. Ignored while busy. */
  send: (text: string) => Promise<void>
  /** Sends what could not be sent once more: it is said once, however often it is tried. */
  resend: () => Promise<void>
  /** Takes back what could not be sent. */
  discard: () => void
  /** Asks the last question again. */
  again: () => Promise<void>
  /** Stops the answer at its source. Rejects when that fails. */
  stop: () => Promise<void>
}

const MEMORY = 'lastra:agent-answer'

/** One session with an agent: its history, what is being asked, and the answer as it streams. Leaving stops nothing. Only in the browser. */
export function useAgentChat({ api, id, open, onSession, memory = safeStorage('session'), place = createHeldPlace('answer', orNothing(() => navigator.locks as LockManager | undefined)) }: UseAgentChatOptions): UseAgentChatReturn {
  const session = shallowRef<AgentSession>()
  const phase = ref<'idle' | 'loading' | 'ready' | 'missing' | 'failed'>('idle')
  const problem = ref('')
  const messages = shallowRef<readonly RoomMessage[]>([])
  const more = ref(false)
  const pending = shallowRef<PendingQuestion>()
  const answer = shallowRef<AgentAnswer>()
  const isReached = ref(true)
  const isBusy = computed(() => pending.value !== undefined || (answer.value !== undefined && !answer.value.done))
  let viewing: AbortController | undefined
  let loads = 0
  let opening: Promise<void> | undefined

  function leave() {
    viewing?.abort()
    viewing = undefined
  }

  function reset() {
    leave()
    loads++
    session.value = pending.value = answer.value = undefined
    messages.value = []
    more.value = false
    isReached.value = true
    phase.value = 'idle'
  }

  /** Asks the server how the session stands, until it is there to say so. */
  async function load() {
    const own = id.value
    if (own === undefined) return
    const turn = ++loads
    const backoff = createBackoff({ baseMs: 400, maxMs: 5_000 })
    if (phase.value !== 'ready') phase.value = 'loading'
    for (;;) {
      try {
        const opened = await api.session(own)
        if (turn !== loads) return
        isReached.value = true
        return take(opened)
      } catch (error) {
        if (turn !== loads) return
        const { code, message, retryable } = error as ChatError
        if (phase.value !== 'ready' || !retryable) {
          leave()
          problem.value = message
          phase.value = code === 'not_found' || code === 'unauthorized' ? 'missing' : 'failed'
          return
        }
      }
      // What is shown stays while the server is away.
      isReached.value = false
      await new Promise(resolve => setTimeout(resolve, backoff.next()))
      if (turn !== loads) return
    }
  }

  /** Takes over what the server has; older messages that were loaded stay. */
  function take({ messages: newest, more: rest, stream, ...own }: OpenedSession) {
    const first = newest[0]?.seq ?? 0
    const older = messages.value.filter(message => message.seq < first)
    if (older.length === 0) more.value = rest
    messages.value = [...older, ...newest].filter(message => !message.deleted)
    session.value = own
    phase.value = 'ready'
    onSession?.(own)
    if (newest.some(message => message.client_msg_id === pending.value?.clientMsgId)) pending.value = undefined
    if (answer.value && newest.some(message => streamOf(message) === answer.value?.streamId)) {
      leave()
      answer.value = undefined
    }
    if (stream) void view(stream.streamId)
  }

  async function view(streamId: string) {
    if (viewing && answer.value?.streamId === streamId) return
    leave()
    const own = viewing = new AbortController()
    answer.value = unpackAnswer(memory.getItem(MEMORY), streamId) ?? emptyAnswer(streamId, serverTimestamp())
    const outcome = await viewStream({
      streamId, signal: own.signal, place,
      after: () => answer.value?.last ?? 0,
      isDone: () => answer.value?.done === true,
      onReached: reached => isReached.value = reached,
      onEvent: event => answer.value = answer.value && withEvent(answer.value, event),
    })
    if (outcome === 'left' || viewing !== own) return
    viewing = undefined
    if (outcome === 'stale') {
      memory.removeItem(MEMORY)
      answer.value = undefined
      return view(streamId)
    }
    memory.removeItem(MEMORY)
    // Its message takes its place; what was lost with a server is marked as broken off.
    await load()
    const left = answer.value
    if (viewing || left?.streamId !== streamId) return
    if (!left.done) answer.value = left.text ? { ...left, finish: 'error', done: true } : undefined
  }

  async function post() {
    const asked = pending.value
    if (!asked) return
    pending.value = { ...asked, state: 'sending', error: undefined }
    try {
      // One may ask before the history is there.
      if (id.value !== undefined && !session.value) await opening
      if (pending.value?.clientMsgId !== asked.clientMsgId) return
      const own = session.value ?? await open?.()
      if (!own) throw unavailable(problem.value)
      session.value = own
      id.value = own.id
      phase.value = 'ready'
      const streamId = await api.ask({ sessionId: own.id, agentSlug: own.agentSlug, message: asked.text, client_msg_id: asked.clientMsgId })
      if (own.id !== id.value) return
      pending.value = { ...asked, state: 'sent' }
      void view(streamId)
      await load()
    } catch (error) {
      const { code, message } = error as ChatError
      if (pending.value?.clientMsgId === asked.clientMsgId) pending.value = { ...asked, state: 'failed', error: message }
      // Another tab asks: its answer is shown here too.
      if (code === 'conflict') await load()
    }
  }

  async function send(text: string) {
    if (isBusy.value) return
    answer.value = undefined
    pending.value = { text, clientMsgId: timeOrderedId(Date.now()), timestamp: serverTimestamp(), state: 'sending' }
    await post()
  }

  async function loadOlder() {
    const [own, first] = [session.value, messages.value[0]]
    if (!own || !first) return
    const page = await api.before(own.room, first.seq)
    if (own.id !== id.value || messages.value[0] !== first) return
    messages.value = [...page.messages.reverse().filter(message => !message.deleted), ...messages.value]
    more.value = page.more
  }

  watch(id, (now, before) => {
    // The session that the first question made is the one that is shown already.
    if (now !== undefined && now === session.value?.id) return
    if (before !== undefined || now === undefined) reset()
    opening = load()
  }, { immediate: true })
  // Another tab may have gone on.
  useEventListener(document, 'visibilitychange', () => document.visibilityState === 'visible' && phase.value === 'ready' && !isBusy.value && void load())
  useEventListener('pagehide', () => {
    if (answer.value && !answer.value.done) memory.setItem(MEMORY, packAnswer(answer.value))
  })
  onScopeDispose(() => {
    leave()
    loads++
  })

  return {
    session, phase, problem, messages, more, pending, answer, isBusy, isReached, load, loadOlder, send,
    resend: post,
    discard: () => pending.value = undefined,
    async again() {
      const last = messages.value.findLast(message => message.content.actor_type !== 'bot')
      if (last) await send(last.content.text)
    },
    async stop() {
      if (!answer.value) return
      await api.stop(answer.value.streamId).catch((error: ChatError) => {
        // It ended in the meantime.
        if (error.code !== 'not_found') throw error
      })
    },
  }
}
