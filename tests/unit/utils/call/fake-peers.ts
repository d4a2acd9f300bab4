import { createMesh } from '../../../../utils/call/mesh'
import type { Mesh } from '../../../../utils/call/mesh'
import type { PeerTransport, PeerTransportFactory, PeerTransportOptions } from '../../../../utils/call/peer-transport'
import type { CallSignal } from '../../../../utils/call/signal'
import { NO_TRACKS } from '../../../../utils/call/types'
import type { DataMessage, ParticipantState } from '../../../../utils/call/types'

/** A transport that a test holds: it connects as soon as offer and answer have met. */
export interface FakeTransport extends PeerTransport {
  options: PeerTransportOptions
  destroyed: boolean
  /** Closed underneath, without an event. */
  closed: boolean
  partner?: FakeTransport
}

/** Somebody in the fake room. */
export interface FakePeer {
  id: string
  mesh: Mesh
  online: boolean
  state: ParticipantState
  transports: FakeTransport[]
  signals: CallSignal[]
}

/** A room whose signals are delivered when the test says so, and whose media paths it can break. */
export function createFakeRoom() {
  const peers = new Map<string, FakePeer>()
  const inCall = new Map<string, boolean | undefined>()
  const queue: (() => void)[] = []
  /** Offers by a token, so that an answer finds its offer. */
  const offers = new Map<number, FakeTransport>()
  let token = 0
  let media = true

  const factory = (owner: FakePeer): PeerTransportFactory => (options) => {
    const { events, initiator } = options
    const meet = (a: FakeTransport, b: FakeTransport) => {
      a.partner = b
      b.partner = a
      if (!media) return
      for (const one of [a, b]) queue.push(() => !one.destroyed && one.options.events.onConnected())
    }
    const transport: FakeTransport = {
      options,
      destroyed: false,
      closed: false,
      signal(data) {
        if (data.type === 'offer') {
          const from = offers.get(data.token as number)
          if (from) transport.partner = from
          events.onTracks({ ...NO_TRACKS })
          events.onSignal({ type: 'answer', token: data.token })
        } else if (data.type === 'answer') {
          const other = [...peers.values()].flatMap(peer => peer.transports).find(one => one.partner === transport && !one.destroyed)
          if (other) meet(transport, other)
        }
      },
      send(message: DataMessage) {
        const other = transport.partner
        if (media && other && !transport.destroyed && !other.destroyed) queue.push(() => other.options.events.onData(message))
      },
      setTrack: () => undefined,
      setBudget: () => undefined,
      isClosed: () => transport.closed,
      trace: () => ({ answered: transport.partner !== undefined, turnConfigured: false, relayed: false, serverError: false }),
      getStats: () => Promise.resolve(new Map() as unknown as RTCStatsReport),
      slotOf: () => undefined,
      audioLevel: () => 0 as number | undefined,
      destroy: () => { transport.destroyed = true },
    }
    owner.transports.push(transport)
    if (initiator) {
      const mine = ++token
      offers.set(mine, transport)
      queue.push(() => !transport.destroyed && events.onSignal({ type: 'offer', token: mine }))
    }
    return transport
  }

  /** Delivers everything that is under way, and what comes of it. */
  function flush() {
    for (let round = 0; queue.length > 0; round++) {
      if (round > 10_000) throw new Error('signals never settle')
      queue.shift()?.()
    }
  }

  function present(self: string) {
    return new Map([...inCall].filter(([id]) => id !== self))
  }

  /** Everybody who is online learns who is in the call. */
  function tellPresence() {
    for (const peer of peers.values()) if (peer.online) peer.mesh.reconcile(present(peer.id))
  }

  /** Enters the call as a new page load of a peer. */
  function join(id: string, session: string): FakePeer {
    const peer: FakePeer = { id, online: true, state: { mic: true, cam: true, screen: false, hand: false }, transports: [], signals: [], mesh: undefined as unknown as Mesh }
    peer.mesh = createMesh({
      self: id,
      session,
      createTransport: options => factory(peer)(options),
      iceServers: () => [],
      canSignal: () => peer.online,
      sendSignal(to, signal) {
        if (!peer.online) return false
        peer.signals.push(signal)
        queue.push(() => {
          const other = peers.get(to)
          if (other?.online) other.mesh.receive(id, signal)
        })
        return true
      },
      state: () => peer.state,
      onChange: () => undefined,
    })
    peers.set(id, peer)
    inCall.set(id, true)
    tellPresence()
    return peer
  }

  return {
    join,
    flush,
    tellPresence,
    /** What presence says of a peer: in the call or not, `undefined` for unknown, `null` for absent. */
    setPresence(id: string, value: boolean | undefined | null) {
      if (value === null) inCall.delete(id)
      else inCall.set(id, value)
      tellPresence()
    },
    /** Whether media paths exist at all. */
    setMedia(works: boolean) {
      media = works
    },
    /** The page is gone without a word. */
    vanish(id: string) {
      peers.get(id)?.mesh.close(true)
      peers.delete(id)
    },
  }
}

export const current = (peer: FakePeer) => peer.transports.filter(transport => !transport.destroyed)
export const statusOf = (peer: FakePeer, remote: string) => peer.mesh.peers.get(remote)?.link.status
