/** What brings a reload back into the call without asking again. Lives in `sessionStorage`, so in one tab only. */
export interface CallMemory {
  room: string
  mic: boolean
  cam: boolean
  hand: boolean
  /** Whose it is: a duplicated tab gets a copy of its original's. */
  peerId?: string
  /** When the stay began, in milliseconds since 1970. */
  since?: number
}

const KEY = 'lastra:call'
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Remembers that this tab is in a room's call, and with what switched on. */
export function rememberCall(memory: CallMemory, store: Store): void {
  try {
    store.setItem(KEY, JSON.stringify(memory))
  } catch {
    // Full or forbidden storage costs the way back after a reload, nothing more.
  }
}

/** Forgets the call: it was left on purpose. */
export function forgetCall(store: Store): void {
  store.removeItem(KEY)
}

/** The call this tab was in when it was reloaded; undefined when there was none in this room. */
export function recallCall(room: string, store: Store): CallMemory | undefined {
  try {
    const value = JSON.parse(store.getItem(KEY) ?? 'null') as Partial<CallMemory> | null
    if (value?.room !== room) return undefined
    return { room, mic: value.mic === true, cam: value.cam === true, hand: value.hand === true, ...(typeof value.peerId === 'string' && { peerId: value.peerId }), ...(typeof value.since === 'number' && { since: value.since }) }
  } catch {
    return undefined
  }
}
