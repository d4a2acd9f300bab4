import { createLink } from './link'
import type { Link } from './link'
import type { PeerTransportFactory } from './peer-transport'
import type { ReactionEmoji } from './reactions'
import { isEarlier, parseSignal } from './signal'
import type { CallSignal } from './signal'
import { TIMING } from './timing'
import { SLOTS } from './types'
import type { BrokenLink, DataMessage, ParticipantState, SendBudget, Slot, SlotTracks } from './types'

export interface MeshOptions {
  self: string
  /** This side's call session, new for every time the call is joined. */
  session: string
  createTransport: PeerTransportFactory
  iceServers: () => RTCIceServer[]
  /** Sends a signal to a peer; false when signalling is away. */
  sendSignal: (to: string, signal: CallSignal) => boolean
  /** Whether signals, and so presence too, are up to date. */
  canSignal: () => boolean
  /** What this side shows of itself. */
  state: () => ParticipantState
  /** Anything about anybody changed. */
  onChange: () => void
  /** Somebody threw an emoji in. */
  onReaction?: (from: string, emoji: ReactionEmoji) => void
}

/** One remote participant of the call. */
export interface MeshPeer {
  link: Link
  /** What it said of itself over its data channel; undefined until then. */
  state: ParticipantState | undefined
  /** Whom it says it cannot reach. */
  broken: readonly BrokenLink[]
}

/** Everybody else in the call. */
export interface Mesh {
  readonly peers: ReadonlyMap<string, MeshPeer>
  /**
   * Follows presence. Somebody goes only when presence says so, or knows nothing of them while their media is dead:
   * signalling that is away never ends media (RTC-4).
   *
   * @param present in_call by peer id of all who are present, undefined where it is not known
   */
  reconcile: (present: ReadonlyMap<string, boolean | undefined>) => void
  receive: (from: string, signal: unknown) => void
  /** Ends the links to peers that were removed from the room, live ones too, until they are let back in. */
  expel: (remotes: readonly string[]) => void
  /** Signalling is back: links that wait for it go on. */
  resume: () => void
  setTrack: (slot: Slot, track: MediaStreamTrack | null) => void
  setBudget: (budget: SendBudget) => void
  /** Tells everybody what this side shows of itself. */
  tell: () => void
  /** Throws an emoji in. */
  react: (emoji: ReactionEmoji) => void
  /** Says goodbye and closes all links. `unload`: the page goes, and may come back. */
  close: (unload: boolean) => void
}

const MAX_EARLY = 16

/** Makes the links of one stay in a call, one to each other participant. */
export function createMesh(options: MeshOptions): Mesh {
  const peers = new Map<string, MeshPeer>()
  const mine: SlotTracks = { mic: null, cam: null, screen: null, screenAudio: null }
  let budget: SendBudget | undefined
  let present: ReadonlyMap<string, boolean | undefined> = new Map()
  /** Sessions that said goodbye, by peer: presence may still list them for a while. */
  const gone = new Map<string, string>()
  /** Hellos that came before presence named their sender. */
  const early = new Map<string, CallSignal>()
  /** Who was removed, until presence has let go of them. */
  const expelled = new Set<string>()
  /** The newest generation of a link that is over, by peer. */
  const generations = new Map<string, number>()
  const reloading = new Map<string, ReturnType<typeof setTimeout>>()
  let closed = false

  function stateMessage(): DataMessage {
    const broken = [...peers].flatMap(([peer, { link }]) =>
      link.status === 'unreachable' && link.reason ? [{ peer, reason: link.reason }] : [])
    return { t: 'state', ...options.state(), broken }
  }

  function add(remote: string) {
    const link = createLink({
      self: options.self,
      remote,
      session: options.session,
      generation: generations.get(remote),
      createTransport: options.createTransport,
      iceServers: options.iceServers,
      sendSignal: signal => options.sendSignal(remote, signal),
      canSignal: options.canSignal,
      onChange: () => onLinkChange(remote),
      onConnected: tell,
      onData: message => onData(remote, message),
    })
    peers.set(remote, { link, state: undefined, broken: [] })
    for (const slot of SLOTS) link.setTrack(slot, mine[slot])
    if (budget) link.setBudget(budget)
    link.start()
    const hello = early.get(remote)
    early.delete(remote)
    if (hello) link.receive(hello)
    options.onChange()
  }

  function remove(remote: string) {
    clearTimeout(reloading.get(remote))
    reloading.delete(remote)
    const peer = peers.get(remote)
    if (!peer) return
    peers.delete(remote)
    generations.set(remote, peer.link.generation)
    peer.link.destroy()
    options.onChange()
  }

  /** Whether a link that presence no longer knows is over. Without signalling presence says nothing. */
  function isAbandoned(remote: string, link: Link): boolean {
    return options.canSignal() && !present.has(remote) && link.status !== 'connected'
  }

  function onLinkChange(remote: string) {
    const peer = peers.get(remote)
    if (closed || !peer) return
    if (isAbandoned(remote, peer.link)) return remove(remote)
    if (peer.link.status === 'unreachable') tell()
    options.onChange()
  }

  function onData(remote: string, message: DataMessage) {
    const peer = peers.get(remote)
    if (!peer) return
    if (message.t === 'state') {
      const { mic, cam, screen, hand, broken } = message
      peer.state = { mic, cam, screen, hand }
      peer.broken = broken
      return options.onChange()
    }
    if (message.t === 'reaction') return options.onReaction?.(remote, message.emoji)
    const session = peer.link.remoteSession
    if (session) gone.set(remote, session)
    if (!message.unload) return remove(remote)
    peer.link.awaitReload()
    clearTimeout(reloading.get(remote))
    reloading.set(remote, setTimeout(() => remove(remote), TIMING.reload))
  }

  function tell() {
    const message = stateMessage()
    for (const { link } of peers.values()) link.send(message)
  }

  return {
    peers,
    reconcile(next) {
      if (closed) return
      present = next
      for (const remote of expelled) if (!present.has(remote)) expelled.delete(remote)
      for (const [remote, inCall] of present) {
        if (inCall === false) {
          gone.delete(remote)
          remove(remote)
        } else if (inCall && !peers.has(remote) && !gone.has(remote) && !expelled.has(remote)) {
          add(remote)
        }
      }
      for (const [remote, { link }] of [...peers]) {
        if (isAbandoned(remote, link)) remove(remote)
      }
    },
    receive(from, value) {
      const signal = parseSignal(value)
      if (closed || !signal || expelled.has(from)) return
      const left = gone.get(from)
      if (left !== undefined) {
        if (signal.from === left || isEarlier(signal.from, left)) return
        gone.delete(from)
        clearTimeout(reloading.get(from))
        reloading.delete(from)
      }
      const peer = peers.get(from)
      if (peer) return peer.link.receive(signal)
      if (signal.k !== 'hello') return
      if (early.size < MAX_EARLY) early.set(from, signal)
      if (present.get(from)) add(from)
    },
    expel(remotes) {
      for (const remote of remotes) {
        if (present.has(remote)) expelled.add(remote)
        early.delete(remote)
        gone.delete(remote)
        remove(remote)
      }
    },
    resume() {
      for (const { link } of peers.values()) link.resume()
    },
    setTrack(slot, track) {
      mine[slot] = track
      for (const { link } of peers.values()) link.setTrack(slot, track)
    },
    setBudget(value) {
      if (value === budget) return
      budget = value
      for (const { link } of peers.values()) link.setBudget(value)
    },
    tell,
    react(emoji) {
      for (const { link } of peers.values()) link.send({ t: 'reaction', emoji })
    },
    close(unload) {
      closed = true
      for (const { link } of peers.values()) {
        link.send({ t: 'bye', unload })
        link.destroy()
      }
      peers.clear()
      for (const timer of reloading.values()) clearTimeout(timer)
    },
  }
}
