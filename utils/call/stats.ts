import type { Slot } from './types'

/** One direction of one slot, as measured over the last interval. */
export interface StreamStats {
  slot: Slot
  direction: 'in' | 'out'
  codec?: string
  width?: number
  height?: number
  fps?: number
  /** Bits per second. */
  bitrate?: number
  /** Share of packets lost, 0 … 1. */
  loss?: number
  /** Milliseconds. */
  jitter?: number
  /** What keeps the sender from more: `cpu`, `bandwidth`, `other`. */
  limited?: string
  /** Share of the time its encoder or decoder worked, 0 … 1; unknown where hardware does it, whose latency is not load. */
  busy?: number
  /** Share of the time the sender itself was held back by the processor, 0 … 1. */
  held?: number
  /** Share of the frames received that were not shown, 0 … 1. */
  dropped?: number
}

/** How one link does. */
export interface LinkStats {
  /** Round trip in milliseconds. */
  roundTrip?: number
  /** The selected candidate pair's types, such as `host ↔ relay (udp)`. */
  path?: string
  streams: StreamStats[]
  /** Running totals, for the next reading. */
  totals: ReadonlyMap<string, StreamTotals>
}

interface StreamTotals {
  at: number
  bytes: number
  packets: number
  lost: number
  /** Seconds spent in the encoder or decoder. */
  coding?: number
  /** Seconds held back by the processor. */
  held?: number
  frames: number
  dropped: number
}

type Entry = Readonly<Record<string, unknown>>

const num = (value: unknown): number | undefined => typeof value === 'number' && Number.isFinite(value) ? value : undefined
const str = (value: unknown): string | undefined => typeof value === 'string' && value !== '' ? value : undefined

function readPath(entries: ReadonlyMap<string, Entry>): Pick<LinkStats, 'roundTrip' | 'path'> {
  const all = [...entries.values()]
  const selected = all.map(entry => entry.type === 'transport' ? str(entry.selectedCandidatePairId) : undefined).find(Boolean)
  // Firefox names no selected pair on the transport; it marks the pair itself.
  const pair = (selected ? entries.get(selected) : undefined)
    ?? all.find(entry => entry.type === 'candidate-pair' && entry.nominated === true && entry.state === 'succeeded')
  if (!pair) return {}
  const local = entries.get(str(pair.localCandidateId) ?? '')
  const remote = entries.get(str(pair.remoteCandidateId) ?? '')
  const seconds = num(pair.currentRoundTripTime)
  return {
    roundTrip: seconds === undefined ? undefined : seconds * 1000,
    path: local && remote ? `${str(local.candidateType)} ↔ ${str(remote.candidateType)} (${str(local.relayProtocol) ?? str(local.protocol)})` : undefined,
  }
}

const isInHardware = (entry: Entry) => entry.powerEfficientEncoder === true || entry.powerEfficientDecoder === true

/** What a running total grew by, as a share of a whole. */
function shareOf(whole: number, now: number | undefined, before: number | undefined): number | undefined {
  return whole > 0 && now !== undefined && before !== undefined ? Math.max(0, now - before) / whole : undefined
}

function readStream(entry: Entry, slot: Slot, entries: ReadonlyMap<string, Entry>, before: StreamTotals | undefined): [StreamStats, StreamTotals] {
  const incoming = entry.type === 'inbound-rtp'
  const remote = entries.get(str(entry.remoteId) ?? '')
  const totals: StreamTotals = {
    at: num(entry.timestamp) ?? 0,
    bytes: num(incoming ? entry.bytesReceived : entry.bytesSent) ?? 0,
    packets: num(entry.packetsReceived) ?? 0,
    lost: num(entry.packetsLost) ?? 0,
    coding: isInHardware(entry) ? undefined : num(incoming ? entry.totalDecodeTime : entry.totalEncodeTime),
    held: num((entry.qualityLimitationDurations as Entry | undefined)?.cpu),
    frames: num(entry.framesReceived) ?? 0,
    dropped: num(entry.framesDropped) ?? 0,
  }
  const seconds = before ? (totals.at - before.at) / 1000 : 0
  const lost = Math.max(0, totals.lost - (before?.lost ?? 0))
  const seen = lost + Math.max(0, totals.packets - (before?.packets ?? 0))
  const jitter = num(incoming ? entry.jitter : remote?.jitter)
  const limited = str(entry.qualityLimitationReason)
  return [{
    slot,
    direction: incoming ? 'in' : 'out',
    codec: str(entries.get(str(entry.codecId) ?? '')?.mimeType)?.split('/')[1],
    width: num(entry.frameWidth),
    height: num(entry.frameHeight),
    fps: num(entry.framesPerSecond),
    bitrate: before && seconds > 0 ? Math.max(0, totals.bytes - before.bytes) * 8 / seconds : undefined,
    loss: incoming ? (seen > 0 ? lost / seen : undefined) : num(remote?.fractionLost),
    jitter: jitter === undefined ? undefined : jitter * 1000,
    limited: limited === 'none' ? undefined : limited,
    busy: shareOf(seconds, totals.coding, before?.coding),
    held: shareOf(seconds, totals.held, before?.held) ?? (limited === 'cpu' ? 1 : undefined),
    dropped: incoming && before ? shareOf(totals.frames - before.frames, totals.dropped, before.dropped) : undefined,
  }, totals]
}

/**
 * Reads one `getStats` report. Rates are those since the reading before.
 *
 * @param report what `RTCPeerConnection.getStats` gave
 * @param slotOf the slot of a media section's `mid`
 * @param before the reading before; without it there are no rates yet
 */
export function readStats(report: ReadonlyMap<string, unknown>, slotOf: (mid: string) => Slot | undefined, before?: LinkStats): LinkStats {
  const entries = new Map<string, Entry>()
  report.forEach((value, id) => {
    if (typeof value === 'object' && value !== null) entries.set(id, value as Entry)
  })
  const streams: StreamStats[] = []
  const totals = new Map<string, StreamTotals>()
  for (const [id, entry] of entries) {
    if (entry.type !== 'inbound-rtp' && entry.type !== 'outbound-rtp') continue
    const slot = slotOf(str(entry.mid) ?? '')
    if (!slot) continue
    const [stream, total] = readStream(entry, slot, entries, before?.totals.get(id))
    totals.set(id, total)
    if (total.bytes > 0) streams.push(stream)
  }
  return { ...readPath(entries), streams, totals }
}

/**
 * A link's quality in bars, 0 (nothing measured) to 4 (good): by the worst of loss, round trip and jitter of what
 * is received, in steps of the ITU's advice for conversation (G.114, G.1010).
 */
export function qualityBars(stats: LinkStats | undefined): 0 | 1 | 2 | 3 | 4 {
  if (!stats || stats.roundTrip === undefined) return 0
  const incoming = stats.streams.filter(stream => stream.direction === 'in')
  const loss = Math.max(0, ...incoming.map(stream => stream.loss ?? 0))
  const jitter = Math.max(0, ...incoming.map(stream => stream.jitter ?? 0))
  if (loss > 0.1 || stats.roundTrip > 800 || jitter > 150) return 1
  if (loss > 0.04 || stats.roundTrip > 400 || jitter > 80) return 2
  if (loss > 0.015 || stats.roundTrip > 200 || jitter > 40) return 3
  return 4
}
