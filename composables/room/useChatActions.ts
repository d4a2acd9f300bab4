import { until } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { useToast } from '#imports'
import type { ClientFrame } from '#shared/protocol/frames'
import { useAskedStore } from '../../stores/asked'
import { useRoomsStore } from '../../stores/rooms'
import { useSessionStore } from '../../stores/session'
import { useWishesStore } from '../../stores/wishes'
import { wishKey } from '../../utils/room/room-wishes'
import type { ChatError } from '../../utils/connection/chat-error'
import type { RoomMessage } from '../../utils/room/room-view'
import { untilGranted } from '../../utils/room/until-granted'
import { useChat } from './useChat'
import { useChatState } from './useChatState'
import { useText } from '../app/useText'

export interface UseChatActionsReturn {
  /** Sends a message, now or when the connection is back. False when too many wait. */
  send: (text: string, inReplyTo?: string) => boolean
  retry: (id: string) => void
  /** Takes back a message that waits. */
  discard: (id: string) => void
  /** Changes a message of ours that waits, or that waited until just now. False when there is no such message any more, or too many wait. */
  editPending: (id: string, text: string) => boolean
  /** These wait in the queue as messages do. False when too many wait. */
  edit: (messageId: string, text: string) => boolean
  remove: (messageId: string) => boolean
  /** Adds our reaction, or takes it back. */
  react: (message: RoomMessage, emoji: string) => boolean
  /** Keeps an edit of a message that is gone as not sent. False when too many wait. */
  refuseEdit: (messageId: string, text: string) => boolean
  /** Each of these settles to whether the server did it; a refusal is shown to the person. */
  clear: () => Promise<boolean>
  update: (change: { title?: string, locked?: boolean, listed?: boolean }) => Promise<boolean>
  moderate: (userId: string, change: { role?: 'host' | 'member', muted?: boolean, removed?: boolean }) => Promise<boolean>
  /** Switches a bot on or off for the room. */
  toggleBot: (bot: string, enabled: boolean) => Promise<boolean>
  /** Asks a bot; without a question it answers on a message, or on what was said last. */
  askBot: (bot: string, question: { prompt?: string, inReplyTo?: string }) => Promise<boolean>
  /** Stops an answer that is on its way; what was said is kept. */
  stopAnswer: (streamId: string) => Promise<boolean>
  /** Tells the others that we type, or no longer. As often as keys are pressed; sent rarely. */
  typing: (active: boolean) => void
  loadOlder: () => Promise<boolean>
  /** Keeps only the newest so many messages in this page; the others can be loaded again. */
  forget: (keep: number) => void
}

/** A repeated "I type" is worth a frame only shortly before the server forgets the last one (TYP-1). */
const TYPING_EVERY_MS = 3_500
const TYPING_PAUSE_MS = 5_000
/** How long the entry of something granted may take to be shown. */
const SHOWN_MS = 5_000

/** What a person can do in a room, as intents. Components call these and never touch a frame. */
export function useChatActions(room: string): UseChatActionsReturn {
  const chat = useChat()
  const channel = chat.channel(room)
  const rooms = useRoomsStore()
  const session = useSessionStore()
  const asked = useAskedStore()
  const toast = useToast()
  const text = useText()
  let typingSentAt = 0
  let pause: ReturnType<typeof setTimeout> | undefined

  async function attempt(action: Promise<unknown>): Promise<boolean> {
    try {
      await action
      return true
    } catch (reason) {
      const { message } = reason as ChatError
      toast.add({ id: `failed:${message}`, title: text.failed, description: message, color: 'error', icon: 'i-lucide-circle-alert' })
      return false
    }
  }
  const ask = (frame: ClientFrame) => attempt(chat.socket.request(frame))

  /** Switches something: shown at once, one frame at a time, and the last wish is the one that counts. It waits for a connection as messages do. */
  function flip(key: string, value: boolean, frame: (value: boolean) => ClientFrame): Promise<boolean> {
    const whose = me()
    return wishes.wish(key, value, wanted => attempt((async () => {
      const { seq } = await untilGranted({
        ready: () => until(channel.isConnected).toBe(true),
        isReady: () => channel.isConnected.value,
        isWanted: () => me() === whose,
        ask: () => chat.socket.request(frame(wanted === true)),
      }) ?? {}
      // Until the room shows it, the wish does.
      if (seq !== undefined) await until(() => rooms.view(room)?.last ?? seq).toMatch(last => last >= seq, { timeout: SHOWN_MS })
    })()))
  }

  const me = () => session.user?.id ?? ''
  const { view } = useChatState(room)
  const wishes = useWishesStore()

  /** What the queue does not take is told of. */
  function taken(isTaken: boolean): boolean {
    if (!isTaken) toast.add({ id: 'outbox-full', title: text.composer.full, color: 'warning', icon: 'i-lucide-circle-alert' })
    return isTaken
  }

  function edit(messageId: string, content: string): boolean {
    return taken(chat.outbox.ask({ kind: 'edit', room, userId: me(), messageId, text: content }))
  }

  function typing(active: boolean) {
    clearTimeout(pause)
    if (active) pause = setTimeout(typing, TYPING_PAUSE_MS, false)
    const now = Date.now()
    if (active ? now - typingSentAt < TYPING_EVERY_MS : typingSentAt === 0) return
    typingSentAt = active ? now : 0
    chat.socket.send({ type: 'typing', room, active })
  }
  onScopeDispose(() => clearTimeout(pause))

  return {
    send(content, inReplyTo) {
      clearTimeout(pause)
      typingSentAt = 0
      return taken(chat.outbox.write({ room, userId: me(), text: content, in_reply_to: inReplyTo }))
    },
    retry: chat.outbox.retry,
    discard: chat.outbox.discard,
    editPending(id, content) {
      if (chat.outbox.edit(id, content)) return true
      const stored = view.value.messages.find(message => message.client_msg_id === id && message.userId === me())
      return stored !== undefined && !stored.deleted && edit(stored.messageId, content)
    },
    edit,
    remove: messageId => taken(chat.outbox.ask({ kind: 'delete', room, userId: me(), messageId })),
    react({ messageId }, emoji) {
      // Against what was wished last: that a page has not drawn it yet makes no difference.
      const message = view.value.messages.findLast(other => other.messageId === messageId)
      const mine = message?.reactions?.[emoji]?.includes(me()) ?? false
      return taken(chat.outbox.ask({ kind: 'reaction', room, userId: me(), messageId, emoji, op: mine ? 'remove' : 'add' }))
    },
    refuseEdit: (messageId, content) => taken(chat.outbox.refuse({ kind: 'edit', room, userId: me(), messageId, text: content }, 'not_found')),
    clear: () => ask({ type: 'clear', room }),
    update(change) {
      const [what] = (['locked', 'listed'] as const).filter(key => change[key] !== undefined)
      if (what === undefined || change.title !== undefined) return ask({ type: 'room-update', room, ...change })
      return flip(wishKey.room(room, what), change[what] === true, value => ({ type: 'room-update', room, [what]: value }))
    },
    moderate: (userId, change) => change.muted === undefined
      ? ask({ type: 'member-update', room, userId, ...change })
      : flip(wishKey.muted(room, userId), change.muted, muted => ({ type: 'member-update', room, userId, muted })),
    toggleBot: (bot, enabled) => flip(wishKey.bot(room, bot), enabled, value => ({ type: 'bot-toggle', room, bot, enabled: value })),
    askBot: (bot, { prompt, inReplyTo }) => attempt((async () => {
      const { stream_id } = await chat.socket.request({ type: 'ai-request', room, bot, ...(prompt && { prompt }), ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }) })
      if (stream_id !== undefined && inReplyTo === undefined) asked.remember(stream_id, session.user?.id ?? '', prompt ?? '')
    })()),
    stopAnswer: streamId => ask({ type: 'ai-cancel', room, stream_id: streamId }),
    typing,
    loadOlder: () => attempt(chat.loadOlder(room)),
    forget: keep => rooms.forgotten(room, keep),
  }
}
