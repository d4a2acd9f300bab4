import { describe, expect, it } from 'vitest'
import { qualityBars, readStats } from '../../../../utils/call/stats'
import type { LinkStats } from '../../../../utils/call/stats'
import { SLOTS } from '../../../../utils/call/types'

const slotOf = (mid: string) => SLOTS[Number(mid)]

function report(at: number, bytes: number, packets: number, lost: number) {
  const entries: Record<string, Record<string, unknown>> = {
    T: { type: 'transport', selectedCandidatePairId: 'P' },
    P: { type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R', currentRoundTripTime: 0.042 },
    L: { type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' },
    R: { type: 'remote-candidate', candidateType: 'host', protocol: 'udp' },
    C: { type: 'codec', mimeType: 'video/VP8' },
    I: { type: 'inbound-rtp', mid: '1', timestamp: at, bytesReceived: bytes, packetsReceived: packets, packetsLost: lost, jitter: 0.012, frameWidth: 640, frameHeight: 360, framesPerSecond: 24, codecId: 'C' },
    O: { type: 'outbound-rtp', mid: '0', timestamp: at, bytesSent: bytes, remoteId: 'RI', qualityLimitationReason: 'cpu' },
    RI: { type: 'remote-inbound-rtp', fractionLost: 0.02, jitter: 0.003 },
    X: { type: 'inbound-rtp', mid: '9', timestamp: at, bytesReceived: 5 },
    E: { type: 'inbound-rtp', mid: '2', timestamp: at, bytesReceived: 0 },
  }
  return new Map(Object.entries(entries))
}

describe('readStats', () => {
  const first = readStats(report(1000, 10_000, 100, 0), slotOf)
  const second = readStats(report(3000, 260_000, 190, 10), slotOf, first)

  it('names the path and its round trip', () => {
    expect(first).toMatchObject({ roundTrip: 42, path: 'relay ↔ host (tls)' })
  })

  it('has rates only from the second reading on', () => {
    expect(first.streams[0]?.bitrate).toBeUndefined()
    expect(second.streams[0]).toMatchObject({ slot: 'cam', direction: 'in', codec: 'VP8', width: 640, height: 360, fps: 24, bitrate: 1_000_000, loss: 0.1, jitter: 12 })
  })

  it('takes loss and jitter of what is sent from the other side', () => {
    expect(second.streams[1]).toMatchObject({ slot: 'mic', direction: 'out', loss: 0.02, jitter: 3, limited: 'cpu' })
  })

  it('leaves out sections that are not ours and those that carry nothing', () => {
    expect(second.streams).toHaveLength(2)
  })

  it('reads an empty report', () => {
    expect(readStats(new Map(), slotOf)).toMatchObject({ streams: [] })
  })
})

describe('qualityBars', () => {
  const link = (roundTrip: number, loss: number, jitter: number): LinkStats => ({ roundTrip, streams: [{ slot: 'cam', direction: 'in', loss, jitter }], totals: new Map() })
  it.each([
    [30, 0, 5, 4], [250, 0, 5, 3], [30, 0.05, 5, 2], [30, 0.2, 5, 1], [900, 0, 5, 1], [30, 0, 90, 2],
  ])('is for %i ms, loss %f, jitter %i: %i', (roundTrip, loss, jitter, bars) => {
    expect(qualityBars(link(roundTrip, loss, jitter))).toBe(bars)
  })
  it('is 0 before anything is measured', () => expect(qualityBars(undefined)).toBe(0))
})
