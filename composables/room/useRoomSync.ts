import type { Ref } from 'vue'
import { readonly, shallowRef } from 'vue'
import type { EntryFrame, ServerFrameOf } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { useRoomsStore } from '../../stores/rooms'
import type { Api } from '../../utils/app/api'
import { createBatch } from '../../utils/room/batch'
import type { ChatError } from '../../utils/connection/chat-error'
import { refused as chatError } from '../../utils/connection/chat-error'
import type { CursorEvent } from '../../utils/room/cursor'
import { advance, joinFrom, newCursor } from '../../utils/room/cursor'
import type { RoomFrame } from '../../utils/connection/frame-duties'
import { serverNow, serverTimestamp } from '../../utils/connection/server-clock'
import type { ChatConnection } from '../../utils/connection/chat-connection'

export interface UseRoomSyncOptions {
  room: string
  socket: Pick<ChatConnection, 'request' | 'send' | 'isConnected'>
  store: ReturnType<typeof useRoomsStore>
  api: Pick<Api, 'log' | 'messages'>
  /** Whose client this is. */
  userId: () => string | undefined
  /** Called after entries were applied; `last` is the cursor. */
  onApplied: (entries: readonly EntryFrame[], last: number) => void
  /** Called when a join is complete and frames are live. */
  onJoined: () => void
  /** Told when a gap is filled from the log, a join goes on from the cursor, or an entry came that was already applied. */
  onCount?: (what: 'gaps' | 'resumes' | 'duplicates') => void
}

export interface UseRoomSyncReturn {
  /** Whether the room's frames are live. */
  isJoined: Readonly<Ref<boolean>>
  /** The newest entry applied, 0 before any. What waits to be shown is shown first. */
  last: () => number
  /**
   * Joins, or joins again from the cursor. Only while connected.
   *
   * @param isMove the connection only changes its line: frames go on coming, and nobody is told of a pause
   */
  join: (isMove?: boolean) => void
  /** Whether entries that another line brings can be used: not while the newest part of the log is fetched whole. */
  takesNews: () => boolean
  /** The connection is gone. */
  away: () => void
  /** Takes one frame of this room. */
  handle: (frame: RoomFrame) => void
  /** Loads the page before the oldest message held. Joins a load that already runs. */
  loadOlder: () => Promise<void>
  /** Leaves for good: stops timers. */
  stop: () => void
}

/** What happens in a room without being an entry of its log. */
type HappeningFrame = ServerFrameOf<'presence' | 'room.line' | 'typing' | 'ai.start' | 'ai.delta' | 'ai.thinking' | 'ai.end' | 'ai.hand' | 'error'>

const RETRY_MS = 1_500
/** Entries that come faster than this are shown together: nobody reads them one by one, and each view costs the page a layout. */
const TOGETHER_MS = 50

/** Keeps one room's view equal to a prefix of its log (RES-7): drives the cursor with frames and HTTP pages. */
export function useRoomSync(options: UseRoomSyncOptions): UseRoomSyncReturn {
  const { room, socket, store, api, userId, onApplied, onJoined, onCount } = options
  const isJoined = shallowRef(false)
  const typingTimers = new Map<string, ReturnType<typeof setTimeout>>()
  let cursor = newCursor()
  let timer: ReturnType<typeof setTimeout> | undefined
  let loading: Promise<void> | undefined
  let changesWhileLoading: EntryFrame[] | undefined
  let stopped = false
  const arriving = createBatch<EntryFrame>({
    everyMs: TOGETHER_MS,
    // Nothing is drawn in a hidden page, and its timers may rest for a minute while the title counts what came.
    isWorthIt: () => typeof document === 'undefined' || document.visibilityState === 'visible',
    apply(entries) {
      store.applied(room, entries)
      applied(entries)
    },
  })

  function applied(entries: readonly EntryFrame[]) {
    changesWhileLoading?.push(...entries)
    onApplied(entries, cursor.last ?? 0)
  }

  function move(event: CursorEvent) {
    const [next, effects] = advance(cursor, event)
    if (event.type === 'entry' && next === cursor && cursor.phase !== 'away') onCount?.('duplicates')
    // Whatever else happens follows what came before it.
    if (event.type !== 'entry') arriving.flush()
    cursor = next
    for (const effect of effects) {
      if (effect.type === 'floor') store.floorMoved(room, effect.seq)
      if (effect.type === 'fetch' && event.type !== 'page') onCount?.('gaps')
      if (effect.type === 'fetch') void fetchLog(effect.from, effect.generation)
      if (effect.type === 'rejoin') join()
      if (effect.type === 'snapshot') {
        store.snapshot(room, effect.entries, effect.head)
        applied(effect.entries)
      }
      if (effect.type === 'apply') arriving.push(effect.entries)
    }
    if (event.type !== 'entry') arriving.flush()
  }

  async function fetchLog(from: number, generation: number) {
    try {
      const page = await api.log(room, from)
      move({ type: 'page', generation, ...page })
    } catch (error) {
      later(() => generation === cursor.generation && void fetchLog(from, generation), error as ChatError)
    }
  }

  function join(isMove = false) {
    if (stopped || !socket.isConnected.value) return
    clearTimeout(timer)
    if (!isMove) {
      isJoined.value = false
      store.joining(room)
    }
    move({ type: 'joining' })
    const { generation } = cursor
    const from = joinFrom(cursor)
    if (from.from_seq !== undefined) onCount?.('resumes')
    socket.request({ type: 'join', room, ...from, ...(from.from_seq === undefined && { limit: 100 }) }).catch((error: ChatError) => {
      if (generation !== cursor.generation || stopped) return
      if (error.retryable) later(join, error)
      else shut('refused', error)
    })
  }

  function later(action: () => void, error: ChatError) {
    clearTimeout(timer)
    if (!stopped && socket.isConnected.value) timer = setTimeout(action, error.retryAfterMs ?? RETRY_MS)
  }

  function away() {
    clearTimeout(timer)
    isJoined.value = false
    move({ type: 'away' })
  }

  function handle(frame: RoomFrame) {
    switch (frame.type) {
      case 'room.state':
        store.stateArrived(frame, serverNow())
        return move({ type: 'state', epoch: frame.epoch, head: frame.head, floor: frame.floor })
      case 'room.reset': return move({ type: 'reset', epoch: frame.epoch })
      case 'replay.end': return replayEnded(frame)
      case 'message.new':
      case 'message.replay':
      case 'message.edited':
      case 'message.deleted':
      case 'reaction':
      case 'clear':
      case 'bot-toggle': return move({ type: 'entry', entry: frame })
      case 'room.updated':
        move({ type: 'entry', entry: frame })
        // What we may do follows from our role, and only `room.state` says it.
        if (frame.member?.userId === userId() && !frame.member?.removed && !frame.replay) join()
        return
      default:
        arriving.flush()
        return happened(frame)
    }
  }

  /** Takes what is no part of the log, and stands after the entries that came before it. */
  function happened(frame: HappeningFrame) {
    switch (frame.type) {
      case 'presence': return store.presence(frame)
      case 'room.line': return store.told(frame)
      case 'typing': return typed(frame)
      case 'ai.start': return store.answerStarted(frame, serverTimestamp())
      case 'ai.delta': return store.answerGrew(frame)
      case 'ai.thinking': return store.answerThinks(frame)
      case 'ai.end': return store.answerEnded(frame, serverTimestamp())
      case 'ai.hand': return store.handChanged(frame)
      case 'error': return refused(frame)
      default: frame satisfies never
    }
  }

  function replayEnded(frame: ServerFrameOf<'replay.end'>) {
    move({ type: 'replay-end', from: frame.from_seq, head: frame.head })
    // The end of another join's replay: ours is still to come.
    if (cursor.phase !== 'live') return
    store.joined(room)
    isJoined.value = true
    onJoined()
  }

  function typed(frame: ServerFrameOf<'typing'>) {
    clearTimeout(typingTimers.get(frame.userId))
    typingTimers.delete(frame.userId)
    store.typing(room, { userId: frame.userId, name: frame.userName }, frame.active)
    // The server clears it too; a lost frame must not leave somebody typing for ever.
    if (frame.active) typingTimers.set(frame.userId, setTimeout(typed, LIMITS.typingMs + 1_000, { ...frame, active: false }))
  }

  function refused(frame: ServerFrameOf<'error'>) {
    if (frame.ref !== undefined || frame.code !== 'forbidden') return
    isJoined.value = false
    move({ type: 'away' })
    shut('removed', chatError(frame))
  }

  function shut(phase: 'refused' | 'removed', error: ChatError) {
    arriving.flush()
    store.shut(room, phase, error)
  }

  async function loadPage() {
    const first = store.view(room)?.messages[0]?.seq
    if (first === undefined) return
    changesWhileLoading = []
    try {
      const page = await api.messages(room, first)
      arriving.flush()
      store.olderLoaded(room, page.messages, page.more, changesWhileLoading, page.lines)
    } finally {
      changesWhileLoading = undefined
    }
  }

  return {
    isJoined: readonly(isJoined),
    last() {
      arriving.flush()
      return cursor.last ?? 0
    },
    join,
    takesNews: () => cursor.phase !== 'fresh',
    away,
    handle,
    loadOlder() {
      loading ??= loadPage().finally(() => loading = undefined)
      return loading
    },
    stop() {
      stopped = true
      // A page that was asked for must not reach the view of one who enters again.
      cursor = advance(cursor, { type: 'away' })[0]
      clearTimeout(timer)
      arriving.clear()
      for (const pending of typingTimers.values()) clearTimeout(pending)
    },
  }
}
