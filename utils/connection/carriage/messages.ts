import type { ServerFrame } from '#shared/protocol/frames'
import type { WireEnd } from '../wire'

/** What the tabs of one browser profile say to each other about who reads for all. `term` counts the hand-overs: the higher one holds. */
export type CarryMessage
  /** Who carries? */
  = | { type: 'who' }
    /** I carry, still or from now on. */
    | { type: 'carrier', tab: string, term: number }
    /** Nobody seems to carry: I will, unless somebody objects. */
    | { type: 'claim', tab: string, term: number }
    /** I carry no longer. */
    | { type: 'resign', tab: string }
    /** To the carrier: read this line for me. I have its frames up to `after`. */
    | { type: 'ride', tab: string, line: string, after: number }
    /** To the carrier: this line needs no reading any more. */
    | { type: 'leave', line: string }
    /** To a rider: frames of its line; the last one is number `next`. */
    | { type: 'frames', line: string, frames: readonly ServerFrame[], next: number }
    /** To a rider: its line has ended. */
    | { type: 'end', line: string, end: WireEnd }

/** Opens a channel to all that open one of the same name. */
export type OpenChannel = (name: string) => Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>

/** How one tab speaks with the others. */
export interface Post {
  /** This tab's own address. */
  readonly id: string
  /** Tells all others. */
  all: (message: CarryMessage) => void
  /** Tells one other tab; nobody else has to look at it. */
  to: (tab: string, message: CarryMessage) => void
  /** Closes what was opened to speak to a tab that is gone. */
  forget: (tab: string) => void
}

/** Joins the tabs that share a name. Without a channel the tab is alone. */
export function createPost(open: OpenChannel | undefined, name: string, id: string, onMessage: (message: CarryMessage) => void): Post {
  const listen = (channel: string) => {
    const opened = open?.(channel)
    if (opened) opened.onmessage = ({ data }: MessageEvent<CarryMessage>) => onMessage(data)
    return opened
  }
  const everybody = listen(name)
  listen(`${name}:${id}`)
  const others = new Map<string, ReturnType<OpenChannel>>()
  return {
    id,
    all: message => everybody?.postMessage(message),
    to(tab, message) {
      const channel = others.get(tab) ?? open?.(`${name}:${tab}`)
      if (!channel) return
      others.set(tab, channel)
      channel.postMessage(message)
    },
    forget(tab) {
      others.get(tab)?.close()
      others.delete(tab)
    },
  }
}
