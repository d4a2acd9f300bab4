import type { CarryMessage, Post } from './messages'

/** How long a carrier is silent before it is asked, and how long it may take to answer, in milliseconds. */
const QUIET_MS = 1_200
const ANSWER_MS = 800
/** How often a carrier says that it carries. */
const BEAT_MS = 800
/** How long a new tab waits for a carrier to say that there is one. */
const LOOK_MS = 120
/** How long others may object to a claim, and how long a claim of another one is given to come to something. */
const OBJECT_MS = 60
const CLAIM_MS = 600
/** Claims after a loss are spread over this time, so that one tab's comes before the others'. */
const SPREAD_MS = 120

export interface ElectionOptions {
  post: () => Post
  /** Resolves when another tab is gone, however it went; never where a browser cannot tell. */
  gone: (tab: string) => Promise<void>
  /** This tab carries from now on. */
  onWon: () => void
  /** This tab carries no longer. */
  onLost: () => void
  /** Another tab carries from now on. */
  onCarrier: (tab: string) => void
  /** Whether any other tab counts on this one. */
  isNeeded: () => boolean
  random?: () => number
}

export interface Election {
  /** The tab that carries, where one is known. */
  carrier: () => string | undefined
  /** This tab needs a carrier, and would be one. */
  enter: () => void
  /** This tab needs none any more; if it was the carrier, another one takes over. */
  quit: () => void
  /** Takes what another tab said. */
  heard: (message: CarryMessage) => void
  /** Says at once that this tab carries, if it does. */
  beat: () => void
}

/**
 * Finds one of several tabs that reads for all. Two of them at once do no harm, because the server numbers its frames and each
 * tab takes each once; so this only has to come to one soon: the higher term holds, and the smaller id where terms are equal.
 * A carrier that is silent is asked before it is given up, because a browser slows down the timers of hidden tabs, but not their
 * messages. One that is frozen does not answer.
 */
export function createElection({ post, gone, onWon, onLost, onCarrier, isNeeded, random = Math.random }: ElectionOptions): Election {
  let entered = false
  let carrier: string | undefined
  let term = 0
  /** The term this tab has claimed and not won yet. */
  let claimed: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let beating: ReturnType<typeof setInterval> | undefined
  const id = () => post().id
  const isCarrier = () => carrier === id()

  function later(ms: number, action: () => void) {
    clearTimeout(timer)
    timer = setTimeout(action, ms)
  }

  function seek(ms = random() * SPREAD_MS) {
    carrier = undefined
    later(ms, claim)
  }

  function claim() {
    claimed = ++term
    post().all({ type: 'claim', tab: id(), term })
    later(OBJECT_MS, win)
  }

  function win() {
    claimed = undefined
    carrier = id()
    beat()
    beating = setInterval(() => isNeeded() && beat(), BEAT_MS)
    onWon()
  }

  function beat() {
    if (isCarrier()) post().all({ type: 'carrier', tab: id(), term })
  }

  function stop() {
    clearInterval(beating)
    clearTimeout(timer)
    const was = isCarrier()
    carrier = claimed = undefined
    if (was) onLost()
  }

  function watch() {
    later(QUIET_MS, () => {
      post().all({ type: 'who' })
      later(ANSWER_MS, seek)
    })
  }

  function follow(tab: string, its: number) {
    const isNew = carrier !== tab
    if (isNew) stop()
    claimed = undefined
    carrier = tab
    term = its
    watch()
    if (!isNew) return
    onCarrier(tab)
    void gone(tab).then(() => entered && carrier === tab && seek())
  }

  /** Whether another's claim or place counts more than this tab's own. */
  function isStronger(tab: string, its: number, mine: number) {
    return its > mine || (its === mine && tab < id())
  }

  function heard(message: CarryMessage) {
    switch (message.type) {
      case 'who': return beat()
      case 'carrier': {
        const { tab, term: its } = message
        if (!entered) return void (term = Math.max(term, its))
        // Something old, from a tab that slept: it will be told.
        if (isCarrier() && !isStronger(tab, its, term)) return beat()
        if (its < (claimed === undefined ? term : claimed - 1)) return
        return follow(tab, its)
      }
      case 'claim': {
        const { tab, term: its } = message
        term = Math.max(term, its)
        // Somebody took this tab for gone.
        if (isCarrier()) return beat()
        if (!entered || carrier !== undefined) return
        if (claimed !== undefined && !isStronger(tab, its, claimed)) return
        claimed = undefined
        return later(CLAIM_MS, seek)
      }
      case 'resign': return void (entered && carrier === message.tab && seek())
    }
  }

  return {
    carrier: () => carrier,
    heard,
    beat,
    enter() {
      if (entered) return
      entered = true
      post().all({ type: 'who' })
      seek(LOOK_MS)
    },
    quit() {
      if (!entered) return
      entered = false
      const was = isCarrier()
      stop()
      if (was) post().all({ type: 'resign', tab: id() })
    },
  }
}
