import { nanoid } from 'nanoid'

/** What a tab was sending and showing in a call, for the tab that takes it over. */
export interface CallHandover { mic: boolean, cam: boolean, hand: boolean }

/**
 * What the tabs of one browser profile tell each other. It says what changed, not to what: texts are read from the
 * storage the tabs share. Every message that is about somebody's names them, because tabs may be different people's.
 */
export type TabMessage
  /** The messages that wait are others. */
  = | { type: 'outbox', userId: string }
  /** A room was read up to an entry. */
    | { type: 'read', userId: string, room: string, seq: number }
  /** Who this browser is to the server changed. */
    | { type: 'session', userId: string | null, name: string }
  /** Who is in this room's call? */
    | { type: 'call-ask', userId: string, room: string }
  /** I am in this room's call, or no longer. */
    | { type: 'call-here', userId: string, room: string, tab: string, active: boolean }
  /** I take this room's call over from you. */
    | { type: 'call-take', userId: string, room: string, from: string, by: string }
  /** I left it, with this on. */
    | { type: 'call-given', room: string, to: string, handover: CallHandover }

type MessageOf<T extends TabMessage['type']> = Extract<TabMessage, { type: T }>

/** The tabs of this browser profile, as one of them hears and speaks to the others. */
export interface TabChannel {
  /** This tab among them. */
  readonly id: string
  /** Tells all others. */
  post: (message: TabMessage) => void
  /** Listens for one type. Returns the function that stops it. */
  on: <T extends TabMessage['type']>(type: T, handler: (message: MessageOf<T>) => void) => () => void
  /** Resolves when another tab is gone, however it went. Never where the browser has no locks to tell. */
  gone: (id: string) => Promise<void>
}

export interface TabChannelOptions {
  /** Opens a channel; undefined where there are none. */
  open?: (name: string) => Pick<BroadcastChannel, 'postMessage' | 'onmessage'>
  locks?: Pick<LockManager, 'request'>
}

const NAME = 'lastra:tabs'

/** Joins this tab to the others. Without a channel it is alone, and everything still works in it. */
export function createTabChannel({ open, locks }: TabChannelOptions = {}): TabChannel {
  const id = nanoid(12)
  const lockOf = (tab: string) => `${NAME}:${tab}`
  const handlers = new Map<TabMessage['type'], Set<(message: TabMessage) => void>>()
  const channel = open?.(NAME)
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
      for (const handler of [...handlers.get(data.type) ?? []]) handler(data)
    }
  }
  // Held until the page goes: who gets it knows that.
  locks?.request(lockOf(id), () => new Promise<never>(() => {})).catch(() => undefined)

  return {
    id,
    post: message => channel?.postMessage(message),
    on(type, handler) {
      const set = handlers.get(type) ?? new Set()
      handlers.set(type, set.add(handler as (message: TabMessage) => void))
      return () => set.delete(handler as (message: TabMessage) => void)
    },
    async gone(tab) {
      if (!locks) return new Promise<never>(() => {})
      await locks.request(lockOf(tab), () => undefined).catch(() => undefined)
    },
  }
}
