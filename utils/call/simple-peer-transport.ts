import SimplePeer from 'simple-peer/simplepeer.min.js'
import { scaleFor } from './budget'
import { parseDataMessage } from './data-message'
import { hasTurn } from './diagnosis'
import { createHeard } from './heard'
import type { PeerTransport, PeerTransportOptions } from './peer-transport'
import { SLOT_KIND, SLOTS } from './types'
import type { SendBudget, Slot, SlotTracks } from './types'

/**
 * The one file that knows simple-peer. All four media sections are in the first offer, so that camera, microphone
 * and screen come and go by `replaceTrack` alone: nothing is ever renegotiated, and sharing a screen works while
 * signalling is away.
 */
export function createSimplePeerTransport(options: PeerTransportOptions): PeerTransport {
  const { initiator, iceServers, events } = options
  const peer = new SimplePeer({ initiator, trickle: true, objectMode: true, config: { iceServers } })
  const pc = connectionOf(peer)
  const wanted: SlotTracks = { mic: null, cam: null, screen: null, screenAudio: null }
  const trace = { answered: false, turnConfigured: hasTurn(iceServers), relayed: false, serverError: false }
  const heard = createHeard()
  let budget: SendBudget | undefined
  let destroyed = false

  const transceiver = (slot: Slot): RTCRtpTransceiver | undefined => pc.getTransceivers()[SLOTS.indexOf(slot)]

  function applyTrack(slot: Slot) {
    const sender = transceiver(slot)?.sender
    if (!sender || sender.track === wanted[slot]) return
    sender.replaceTrack(wanted[slot]).then(() => applyBudget(slot)).catch(() => undefined)
  }

  function applyBudget(slot: Slot) {
    const sender = transceiver(slot)?.sender
    if (!budget || !sender || SLOT_KIND[slot] === 'audio') return
    const parameters = sender.getParameters()
    const encoding = parameters.encodings?.[0]
    if (!encoding) return
    if (slot === 'screen') {
      encoding.maxBitrate = budget.screen
      encoding.maxFramerate = budget.screenFps
    } else {
      encoding.maxBitrate = budget.camera
      encoding.maxFramerate = budget.fps
      encoding.scaleResolutionDownBy = scaleFor(sender.track?.getSettings().height, budget)
    }
    // A refusal only means that the browser goes on with its own bounds.
    sender.setParameters(parameters).catch(() => undefined)
  }

  /** Takes the four sections of the offer: unanswered ones would only receive. Runs before the answer is made. */
  function takeSections() {
    const streams = { cam: new MediaStream(), screen: new MediaStream() }
    for (const slot of SLOTS) {
      const section = transceiver(slot)
      if (!section) continue
      section.direction = 'sendrecv'
      section.sender.setStreams?.(slot === 'mic' || slot === 'cam' ? streams.cam : streams.screen)
      applyTrack(slot)
    }
    tellTracks()
  }

  function tellTracks() {
    const [mic, cam, screen, screenAudio] = SLOTS.map(slot => transceiver(slot)?.receiver.track ?? null)
    events.onTracks({ mic: mic ?? null, cam: cam ?? null, screen: screen ?? null, screenAudio: screenAudio ?? null })
  }

  peer.on('signal', data => events.onSignal({ ...data }))
  peer.on('connect', () => {
    for (const slot of SLOTS) applyBudget(slot)
    events.onConnected()
  })
  peer.on('data', (chunk: unknown) => {
    const message = parseDataMessage(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk as Uint8Array))
    if (message) events.onData(message)
  })
  peer.on('iceStateChange', (state: RTCIceConnectionState) => {
    if (state === 'disconnected') events.onPath(false)
    else if (state === 'connected' || state === 'completed') events.onPath(true)
  })
  peer.on('signalingStateChange', (state: RTCSignalingState) => {
    if (!initiator && state === 'have-remote-offer') takeSections()
  })
  // An error is always followed by `close`; without a listener it would be thrown.
  peer.on('error', () => undefined)
  peer.on('close', () => {
    if (!destroyed) events.onClosed()
  })
  pc.addEventListener('icecandidateerror', () => {
    trace.serverError = true
  })
  pc.addEventListener('icecandidate', (event) => {
    if (event.candidate?.type === 'relay') trace.relayed = true
  })

  if (initiator) {
    const streams = { cam: new MediaStream(), screen: new MediaStream() }
    for (const slot of SLOTS) {
      const stream = slot === 'mic' || slot === 'cam' ? streams.cam : streams.screen
      peer.addTransceiver(SLOT_KIND[slot], { direction: 'sendrecv', streams: [stream] })
    }
    queueMicrotask(() => !destroyed && tellTracks())
  }

  return {
    signal(data) {
      if (destroyed || peer.destroyed) return
      trace.answered = true
      peer.signal(data as unknown as SimplePeer.SignalData)
    },
    send(message) {
      if (!destroyed && peer.connected) peer.send(JSON.stringify(message))
    },
    setTrack(slot, track) {
      wanted[slot] = track
      applyTrack(slot)
    },
    setBudget(next) {
      budget = next
      if (peer.connected) for (const slot of SLOTS) applyBudget(slot)
    },
    isClosed: () => pc.connectionState === 'closed' || pc.signalingState === 'closed',
    trace: () => ({ ...trace }),
    getStats: () => pc.getStats(),
    slotOf: mid => SLOTS.find(slot => transceiver(slot)?.mid === mid),
    audioLevel: () => heard(transceiver('mic')?.receiver.getSynchronizationSources()[0], performance.now()),
    destroy() {
      destroyed = true
      peer.destroy()
      // simple-peer forgets its connection when that was closed underneath; closing twice is harmless.
      pc.close()
    },
  }
}

/** simple-peer keeps its connection to itself, and offers no way to replace senders, bound them or read them. */
function connectionOf(peer: SimplePeer.Instance): RTCPeerConnection {
  return (peer as unknown as { _pc: RTCPeerConnection })._pc
}
