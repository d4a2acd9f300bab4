import { useEventListener } from '@vueuse/core'
import type { ComputedRef, Ref } from 'vue'
import { computed, effectScope, onScopeDispose, readonly, shallowRef, watch } from 'vue'
import type { ClientFrame, ServerFrame } from '#shared/protocol/frames'
import { CLOSE } from '#shared/protocol/limits'
import type { ChatConnection } from '../../utils/connection/chat-connection'
import type { Line } from '../../utils/connection/chat-line'
import { isNews, noteReceived, noteSent } from '../../utils/connection/chat-line'
import type { ConnectionMonitor, SwitchReason } from '../../utils/connection/connection-monitor'
import { createHandlers } from '../../utils/connection/handlers'
import { createOverlap } from '../../utils/connection/overlap'
import { createRequests } from '../../utils/connection/requests'
import type { ChosenBy, TransportChoice } from '../../utils/connection/transport-choice'
import { betterThan, judge, PATIENCE_MS, SHORT_LIFE_MS, WONDER_MS, worseThan } from '../../utils/connection/transport-choice'
import { createTrials } from '../../utils/connection/trials'
import type { TransportName } from '../../utils/connection/wire'
import type { ChatLine, CloseReason, ConnectionStatus, LifecycleOptions } from './useConnectionLifecycle'

export interface ChatConnectionOptions {
  /** Makes a line that carries the same peer as all others (CON-8). */
  createLine: (transport: TransportName, options: LifecycleOptions) => ChatLine
  /** What may carry the connection, and who decided it. */
  chosen: Readonly<Ref<{ choice: TransportChoice, by: ChosenBy }>>
  /** Asks whether the server answers over plain HTTP. */
  httpWorks: () => Promise<boolean>
  /** Whether a room can use an entry that comes over a line which is being replaced. */
  takesNews: (room: string) => boolean
  monitor: ConnectionMonitor
  /** Source of randomness in [0, 1). @default Math.random */
  random?: () => number
}

export interface ChatConnectionReturn extends ChatConnection {
  /** What carries the connection now, or is tried now. */
  transport: Readonly<Ref<TransportName | undefined>>
  /** Whether a better transport was given up for the present one. */
  isFallback: ComputedRef<boolean>
}

/** How long a replaced line goes on at least; longer where the better transport has yet to show that it lasts. */
const OVERLAP_MS = { plain: 400, climbing: 2_000 }
/** How long a better transport may take when it is tried beside one that works. */
const TRIAL_MS = 6_000
/** The server sends a replaced connection away after 10 s; what comes later has another cause (CON-8). */
const RIVAL_MS = 20_000

/**
 * One logical connection over whatever transport works (FLAG-1), moved from one to another without a pause (FLAG-2): the new
 * line is opened beside the old one, sends from its greeting on, and the old one goes only when every room is joined on the new.
 */
export function useChatConnection(options: ChatConnectionOptions): ChatConnectionReturn {
  const { createLine, chosen, httpWorks, takesNews, monitor, random = Math.random } = options
  const status = shallowRef<ConnectionStatus>('idle')
  const error = shallowRef<CloseReason>()
  const latency = shallowRef<number>()
  const quietSince = shallowRef<number>()
  const retryAt = shallowRef<number>()
  const transport = shallowRef<TransportName>()
  const handlers = createHandlers()
  const requests = createRequests({
    transmit: frame => send(frame) && current !== undefined && current,
    onAnswer: (ms, line) => monitor.answered((line as Line).transport, ms),
  })
  const overlap = createOverlap({
    isDone: line => current?.joins.size === 0 && requests.open(line) === 0 && line.chat.unsent() === 0,
    onEnd: follow,
  })
  const trials = createTrials({
    better: () => current && !overlap.line() ? betterThan(current.transport, chosen.value.choice) : [],
    open: name => makeLine(name, { connectMs: TRIAL_MS }),
    random,
  })
  let current: Line | undefined
  let troubleTimer: ReturnType<typeof setTimeout> | undefined
  let isChoiceNew = false

  function makeLine(name: TransportName, extra: LifecycleOptions = {}): Line {
    const scope = effectScope(true)
    const line: Line = {
      transport: name,
      joins: new Map(),
      trouble: { triedAt: Date.now() },
      chat: scope.run(() => createLine(name, {
        ...extra,
        random,
        onFrame: (frame, chars) => received(line, frame, chars),
        onSent: (frame, chars) => {
          noteSent(line, frame)
          monitor.sent(name, chars)
        },
      }))!,
      dispose() {
        scope.stop()
        requests.cut(line)
      },
    }
    scope.run(() => {
      watch(line.chat.status, next => statusChanged(line, next), { flush: 'sync' })
      watch(line.chat.quietSince, since => line === current && (quietSince.value = since), { flush: 'sync' })
      watch(line.chat.latency, (ms) => {
        if (ms !== undefined) monitor.answered(name, ms)
        if (line === current) latency.value = ms
      })
    })
    return line
  }

  function received(line: Line, frame: ServerFrame, chars: number) {
    monitor.received(line.transport, chars)
    noteReceived(line, frame)
    if (line === trials.line() && frame.type === 'connection.established') takeOver(line)
    if ((frame.type === 'ack' || frame.type === 'error') && requests.reply(frame)) return
    if (line === current) handlers.emit(frame)
    else if (line === overlap.line() && isNews(frame) && (!('seq' in frame) || takesNews(frame.room ?? ''))) handlers.emit(frame)
  }

  function statusChanged(line: Line, next: ConnectionStatus) {
    if (next !== 'connected') line.greeting = undefined
    if (next === 'connected') line.establishedAt = Date.now()
    if (next === 'connecting') line.trouble = { ...line.trouble, triedAt: Date.now() }
    const isLost = next === 'waiting' || next === 'closed'
    if (line === trials.line() && isLost) return trials.failed()
    if (line === overlap.line() && isLost) return overlap.end()
    if (line !== current) return
    clearTimeout(troubleTimer)
    if (isLost) return lost(line)
    if (next === 'connecting') wonder(line)
    if (next === 'connected') trials.schedule()
    publish()
  }

  function publish() {
    transport.value = current?.transport
    error.value = current?.chat.error.value
    retryAt.value = current?.chat.retryAt.value
    quietSince.value = current?.chat.quietSince.value
    latency.value = current?.chat.latency.value
    status.value = current?.chat.status.value ?? 'idle'
  }

  function use(line: Line, why: SwitchReason) {
    const from = current?.transport
    current = line
    if (from !== line.transport) monitor.switched({ from, to: line.transport, why })
  }

  /** Begins anew on a transport, without a line that could carry on meanwhile. */
  function begin(name: TransportName, why: SwitchReason) {
    const old = current
    use(makeLine(name), why)
    old?.dispose()
    current?.chat.connect()
    trials.schedule()
  }

  /** Under `auto`, a try without a result makes us ask whether it is the server or this transport. */
  function wonder(line: Line) {
    if (chosen.value.choice !== 'auto') return
    const isAsked = line.trouble.httpAt !== undefined
    troubleTimer = setTimeout(() => isAsked ? fall(line) : void ask(line), isAsked ? PATIENCE_MS : WONDER_MS)
  }

  async function ask(line: Line) {
    const works = await httpWorks()
    if (line !== current || line.chat.isConnected.value || line.chat.status.value === 'closed') return
    line.trouble = { triedAt: line.trouble.triedAt, httpAt: works ? Date.now() : undefined }
    if (!works) return
    if (line.chat.status.value === 'waiting') line.chat.retry()
    else wonder(line)
  }

  function lost(line: Line) {
    const end = line.chat.error.value ?? { code: 0, reason: '', final: false }
    const now = Date.now()
    requests.cut(line)
    line.joins.clear()
    const old = overlap.undo()
    if (old) return turnBack(line, old)
    if (end.code === CLOSE.replaced && now - (line.rivalAt ?? 0) < RIVAL_MS) {
      // The server takes a line for replaced whose successor has already gone.
      line.rivalAt = undefined
      return line.chat.connect()
    }
    publish()
    if (end.final || chosen.value.choice !== 'auto') return
    line.lastedMs ??= now - (line.climbedAt ?? now)
    if (line.establishedAt !== undefined && now - line.establishedAt >= SHORT_LIFE_MS) line.trouble = { triedAt: line.trouble.triedAt }
    line.establishedAt = undefined
    const verdict = judge(line.trouble, end)
    if (verdict === 'ask') void ask(line)
    if (verdict === 'fall') fall(line)
  }

  function fall(line: Line) {
    const next = worseThan(line.transport)
    if (line !== current || line.chat.isConnected.value || next === undefined) return
    clearTimeout(troubleTimer)
    if (line.climbedAt !== undefined) trials.dropped(line.lastedMs ?? 0)
    begin(next, 'fallback')
  }

  /** The new line broke before the old one was gone: the old one goes on. */
  function turnBack(line: Line, old: Line) {
    use(old, 'return')
    line.dispose()
    publish()
    if (old.greeting) handlers.emit(old.greeting)
    if (line.climbedAt !== undefined) trials.missed()
    else trials.schedule()
  }

  function takeOver(line: Line) {
    const old = current
    const isClimb = chosen.value.choice === 'auto'
    trials.passed()
    clearTimeout(troubleTimer)
    if (isClimb) line.climbedAt = Date.now()
    use(line, isClimb ? 'climb' : chosen.value.by)
    if (old?.chat.isConnected.value) {
      old.rivalAt = Date.now()
      overlap.begin(old, isClimb ? OVERLAP_MS.climbing : OVERLAP_MS.plain)
    } else {
      old?.dispose()
      trials.schedule()
    }
    publish()
  }

  /** Does what the choice asks for now. */
  function follow() {
    if (!current || overlap.line()) return
    const { choice, by } = chosen.value
    const [better, trial] = [betterThan(current.transport, choice), trials.line()]
    if (better.length === 0 || (trial && !better.includes(trial.transport))) trials.stop()
    const isWanted = isChoiceNew || choice !== 'auto'
    isChoiceNew = false
    if (better.length === 0) return
    if (current.chat.isConnected.value && isWanted) trials.now()
    else if (choice === 'auto') trials.schedule()
    else begin(choice, by)
  }

  function choiceChanged() {
    trials.forgive()
    // Kept for the end of an overlap: what a person just chose is not put off like a climb nobody asked for.
    isChoiceNew = true
    follow()
  }

  function send(frame: ClientFrame): boolean {
    return current?.chat.send(frame) ?? false
  }

  function hangUp() {
    clearTimeout(troubleTimer)
    trials.stop()
    const lines = [overlap.undo(), current]
    current = undefined
    lines.forEach(line => line?.dispose())
  }

  function connect() {
    if (status.value !== 'idle' && status.value !== 'closed') return
    const { choice, by } = chosen.value
    const before = transport.value
    hangUp()
    begin(choice === 'auto' ? before ?? 'websocket' : choice, by)
  }

  function disconnect() {
    const last = current?.transport
    hangUp()
    requests.drop()
    publish()
    // What worked last works first: a transport that is blocked here is not tried again by everyone who changes the room.
    transport.value = last
  }

  watch(() => chosen.value.choice, choiceChanged)
  if (typeof window !== 'undefined') useEventListener(window, 'online', () => current?.chat.isConnected.value && trials.now())
  onScopeDispose(disconnect)

  return {
    status: readonly(status),
    isConnected: computed(() => status.value === 'connected'),
    error: readonly(error),
    latency: readonly(latency),
    quietSince: readonly(quietSince),
    retryAt: readonly(retryAt),
    transport: readonly(transport),
    isFallback: computed(() => transport.value !== undefined && chosen.value.choice === 'auto' && transport.value !== 'websocket'),
    connect,
    disconnect,
    send,
    request: requests.request,
    flush: requests.flush,
    on: handlers.on,
  }
}
