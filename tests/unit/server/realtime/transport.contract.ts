import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutgoingFrame } from '../../../../server/realtime/outgoing'
import type { Transport } from '../../../../server/realtime/outbox'
import type { ServerFrame } from '../../../../shared/protocol/frames'
import { CLOSE } from '../../../../shared/protocol/limits'
import { waitFor } from '../../../support/wait'

/** What a transport gives the suite: the server's end, and a real client at the other end of it. */
export interface TransportSetup {
  transport: Transport
  /** How many bytes of the transport a frame takes. */
  bytesOf: (frame: OutgoingFrame) => number
  /** The JSON of every frame the client has got, in order. */
  received: string[]
  /** Resolves when the client has got this many frames. */
  got: (count: number) => Promise<void>
  /** Resolves when the client saw the end, with the code it was given. */
  ended: Promise<number>
  /** The client stops, or goes on, reading or asking. */
  stall: (stalled: boolean) => void
  /** The client sends, in its own way: a message, or a request. */
  send: (text: string) => void
  /** What the server's end has read. */
  arrived: string[]
  arrivedCount: (count: number) => Promise<void>
  dispose: () => Promise<void>
}

/** The contract of {@link Transport}, to be run against every implementation. */
export function describeTransport(name: string, setup: () => Promise<TransportSetup>): void {
  describe(`Transport: ${name}`, () => {
    let given: TransportSetup
    beforeEach(async () => {
      given = await setup()
    })
    afterEach(() => given.dispose())

    const pong = (t: string) => new OutgoingFrame({ type: 'pong', t })

    it('[FRM-2] delivers frames whole and in order, of every length a header has a form for', async () => {
      const frames = [0, 1, 99, 100, 101, 125, 126, 65_000, 65_500, 65_536, 200_000].map(length => pong('ä'.repeat(length)))
      given.transport.write(frames)
      for (const frame of frames.slice(0, 3)) given.transport.write([frame])
      await given.got(frames.length + 3)
      expect(given.received).toEqual([...frames, ...frames.slice(0, 3)].map(frame => frame.json))
    })

    it('counts what the network has not taken, and what it wrote', async () => {
      given.stall(true)
      const frame = pong('x'.repeat(1_000_000))
      let written = 0
      let writes = 0
      for (; given.transport.bufferedBytes < 2_000_000; writes++) written += given.transport.write([frame])
      expect(written).toBe(writes * given.bytesOf(frame))
      // What carries it may wrap each write in a few bytes of its own.
      expect(given.transport.bufferedBytes).toBeLessThanOrEqual(written + writes * 32)
      given.stall(false)
      await given.got(writes)
      await waitFor(() => given.transport.bufferedBytes === 0)
    })

    it('[CON-5] closes with the code it is given, after what was written before', async () => {
      given.transport.write([pong('last words')])
      given.transport.close(CLOSE.restarting, 'server restarting')
      expect(await given.ended).toBe(CLOSE.restarting)
      expect(given.received.map(json => (JSON.parse(json) as ServerFrame).type).filter(type => type !== 'connection.closed')).toEqual(['pong'])
      expect(given.transport.write([pong('too late')])).toBe(0)
    })

    it('reads nothing while paused, and everything in order afterwards', async () => {
      given.send('one')
      await given.arrivedCount(1)
      given.transport.pause(true)
      given.send('two')
      given.transport.write([pong('meanwhile')])
      await given.got(1)
      expect(given.arrived).toEqual(['one'])
      given.transport.pause(false)
      given.send('three')
      await given.arrivedCount(3)
      expect(given.arrived).toEqual(['one', 'two', 'three'])
    })

    it('closes a client that reads nothing all the same', async () => {
      given.stall(true)
      const frame: OutgoingFrame = new OutgoingFrame({ type: 'pong', t: 'x'.repeat(1_000_000) } satisfies ServerFrame)
      while (given.transport.bufferedBytes < 2_000_000) given.transport.write([frame])
      given.transport.close(CLOSE.timeout, 'no progress')
      given.stall(false)
      expect([CLOSE.timeout, 1006]).toContain(await given.ended)
    })
  })
}
