import { diagnose } from './diagnosis'
import type { PeerTransport, PeerTransportFactory } from './peer-transport'
import { isEarlier, isInitiator } from './signal'
import type { CallSignal } from './signal'
import { ATTEMPTS_BEFORE_UNREACHABLE, backoff, TIMING } from './timing'
import { NO_TRACKS, SLOTS } from './types'
import type { DataMessage, LinkReason, LinkStatus, SendBudget, Slot, SlotTracks } from './types'

export interface LinkOptions {
  /** This tab's peer id and the other's; their order says who offers. */
  self: string
  remote: string
  /** This side's call session. */
  session: string
  /** The newest generation of an earlier link to the same participant: what comes after it is newer. @default 0 */
  generation?: number
  createTransport: PeerTransportFactory
  iceServers: () => RTCIceServer[]
  /** Sends a signal to the other side; false when signalling is away. */
  sendSignal: (signal: CallSignal) => boolean
  /** Whether signals reach the server now. */
  canSignal: () => boolean
  /** Status, reason or tracks changed. */
  onChange: () => void
  onConnected: () => void
  onData: (message: DataMessage) => void
}

/** The link to one participant. It outlives its connections: each one is a generation that the next replaces. */
export interface Link {
  readonly remote: string
  readonly status: LinkStatus
  readonly reason: LinkReason | undefined
  /** The other side's call session, once it has said anything. */
  readonly remoteSession: string | undefined
  /** The newest generation there was. */
  readonly generation: number
  /** The present connection; undefined between two of them. */
  readonly transport: PeerTransport | undefined
  readonly tracks: Readonly<SlotTracks>
  /** Says hello; the connection follows. */
  start: () => void
  receive: (signal: CallSignal) => void
  /** Signalling is back: whatever waits for it goes on at once. */
  resume: () => void
  /** The other side reloads: keeps the tile and waits for its hello. */
  awaitReload: () => void
  setTrack: (slot: Slot, track: MediaStreamTrack | null) => void
  setBudget: (budget: SendBudget) => void
  send: (message: DataMessage) => void
  destroy: () => void
}

/**
 * Keeps one participant connected. simple-peer has no ICE restart, so a link that fails, loses its path for long, is
 * closed underneath or does not connect in time is built anew: the initiator makes the next generation, the other asks.
 */
export function createLink(options: LinkOptions): Link {
  const { self, remote, session, sendSignal } = options
  const offers = isInitiator(self, remote)
  const mine: SlotTracks = { ...NO_TRACKS }
  let budget: SendBudget | undefined
  let transport: PeerTransport | undefined
  let tracks: Readonly<SlotTracks> = NO_TRACKS
  let status: LinkStatus = 'connecting'
  let reason: LinkReason | undefined
  let remoteSession: string | undefined
  // One who offers goes on counting where an earlier link ended: the other side may still know that one.
  let generation = offers ? options.generation ?? 0 : 0
  /** Sessions of the other side that a later one has replaced. */
  const past = new Set<string>()
  let failures = 0
  let everConnected = false
  let builtAt = 0
  let destroyed = false
  // One timer for what comes next (attempt, retry or hello), one for a path that may come back, one that looks.
  let next: ReturnType<typeof setTimeout> | undefined
  let pathTimer: ReturnType<typeof setTimeout> | undefined
  const poll = setInterval(() => transport?.isClosed() && fail('lost'), TIMING.poll)

  function after(ms: number, run: () => void) {
    clearTimeout(next)
    // `onChange` may have destroyed this link in the meantime.
    if (!destroyed) next = setTimeout(run, ms)
  }

  function set(nextStatus: LinkStatus, nextReason?: LinkReason) {
    status = nextStatus
    reason = nextReason
    options.onChange()
  }

  function drop() {
    clearTimeout(pathTimer)
    pathTimer = undefined
    transport?.destroy()
    transport = undefined
    tracks = NO_TRACKS
  }

  function hello() {
    sendSignal({ k: 'hello', from: session, to: remoteSession, dead: transport ? generation - 1 : generation, gen: generation })
    after(TIMING.hello + backoff(failures), () => {
      failures += 1
      settle('no-answer')
      retry()
    })
  }

  /** Makes the connection of the present generation. */
  function build() {
    drop()
    if (destroyed) return
    builtAt = performance.now()
    const gen = generation
    const built: PeerTransport = options.createTransport({
      initiator: offers,
      iceServers: options.iceServers(),
      events: {
        onSignal: data => remoteSession && sendSignal({ k: 'rtc', from: session, to: remoteSession, gen, data }),
        onConnected: () => transport === built && onConnected(),
        onPath: alive => transport === built && onPath(alive),
        onData: message => transport === built && options.onData(message),
        onTracks(value) {
          if (transport !== built) return
          tracks = value
          options.onChange()
        },
        onClosed: () => transport === built && fail('lost'),
      },
    })
    transport = built
    for (const slot of SLOTS) built.setTrack(slot, mine[slot])
    if (budget) built.setBudget(budget)
    after(TIMING.attempt, () => fail(diagnose(built.trace())))
    options.onChange()
  }

  function onConnected() {
    clearTimeout(next)
    failures = 0
    everConnected = true
    set('connected')
    options.onConnected()
  }

  function onPath(alive: boolean) {
    clearTimeout(pathTimer)
    pathTimer = undefined
    if (alive) {
      if (status === 'reconnecting' && transport && everConnected) set('connected')
    } else if (status === 'connected') {
      set('reconnecting', 'lost')
      pathTimer = setTimeout(() => fail('lost'), TIMING.disconnected)
    }
  }

  function settle(why: LinkReason) {
    if (failures >= ATTEMPTS_BEFORE_UNREACHABLE) set('unreachable', why)
    else set(everConnected ? 'reconnecting' : 'connecting', why)
  }

  function fail(why: LinkReason) {
    if (destroyed || !transport) return
    drop()
    failures += 1
    settle(why)
    after(backoff(failures), retry)
  }

  function retry() {
    clearTimeout(next)
    // While signalling is away nothing is counted as a failure; `resume` goes on.
    if (!options.canSignal()) return set(everConnected ? 'reconnecting' : 'connecting', 'signalling')
    if (!offers || !remoteSession) return hello()
    generation += 1
    build()
  }

  function adopt(from: string): boolean {
    if (from === remoteSession) return true
    if (past.has(from) || (remoteSession !== undefined && isEarlier(from, remoteSession))) return false
    const reloaded = remoteSession !== undefined
    if (remoteSession !== undefined) past.add(remoteSession)
    remoteSession = from
    failures = 0
    if (reloaded) {
      drop()
      // The new session counts from zero on its side only when it answers; the one who offers never goes back.
      if (!offers) generation = 0
      set('connecting')
    }
    return true
  }

  function onHello(signal: CallSignal & { k: 'hello' }) {
    const known = remoteSession === signal.from
    if (!adopt(signal.from)) return
    if (!offers) {
      // One who knows nothing of this side has begun anew, and what there was is dead.
      if (transport && signal.to === undefined) {
        drop()
        set(everConnected ? 'reconnecting' : 'connecting', 'lost')
      }
      if (!transport) hello()
      return
    }
    const stuck = status !== 'connected' && performance.now() - builtAt > TIMING.duplicate
    if (known && transport && signal.dead < generation && !stuck) return
    generation = Math.max(generation, signal.gen ?? signal.dead)
    retry()
  }

  function onRtc(signal: CallSignal & { k: 'rtc' }) {
    if (offers) {
      if (signal.from === remoteSession && signal.gen === generation) transport?.signal(signal.data)
      return
    }
    if (!adopt(signal.from) || signal.gen < generation) return
    if (signal.gen > generation) {
      if (signal.data.type !== 'offer') return
      generation = signal.gen
      if (status === 'connected') set('reconnecting', 'lost')
      build()
    }
    transport?.signal(signal.data)
  }

  return {
    remote,
    get status() { return status },
    get reason() { return reason },
    get remoteSession() { return remoteSession },
    get generation() { return generation },
    get transport() { return transport },
    get tracks() { return tracks },
    start: retry,
    receive(signal) {
      if (destroyed || (signal.to !== undefined && signal.to !== session)) return
      if (signal.k === 'hello') onHello(signal)
      else onRtc(signal)
    },
    resume() {
      if (!destroyed && status !== 'connected') retry()
    },
    awaitReload() {
      drop()
      clearTimeout(next)
      set('reconnecting', 'reloading')
    },
    setTrack(slot, track) {
      mine[slot] = track
      transport?.setTrack(slot, track)
    },
    setBudget(value) {
      budget = value
      transport?.setBudget(value)
    },
    send: message => transport?.send(message),
    destroy() {
      destroyed = true
      clearInterval(poll)
      clearTimeout(next)
      drop()
    },
  }
}
