import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus, BusMessage, Control, PeerMessage, Reached } from '../../../../../server/realtime/bus'
import type { Fact } from '../../../../../server/realtime/bus/facts'
import { ProtocolError } from '../../../../../shared/protocol/errors'
import type { Entry } from '../../../../../shared/protocol/frames'
import { waitFor } from '../../../../support/wait'

/** Some nodes on one wire, and how to take it down. */
export interface Wired {
  nodes: readonly Bus[]
  close: () => Promise<void>
}

interface Heard {
  frames: BusMessage[]
  signals: PeerMessage[]
  committed: { roomId: string, seqs: number[] }[]
  controls: Control[]
  peers: Map<string, Reached>
  facts: { node: string, fact: Fact, died: boolean }[]
}

const entries = (...seqs: number[]) => seqs.map(seq => ({ type: 'clear', room: 'lobby', seq, userId: 'u', timestamp: '2026-01-01T00:00:00.000Z', floor_seq: seq - 1 })) as Entry[]

/** What every bus keeps to, whatever carries it. */
export function busContract(name: string, wire: (nodes: number) => Promise<Wired>): void {
  describe(`a bus: ${name}`, () => {
    let wired: Wired
    let heard: Heard[]

    beforeEach(async () => {
      wired = await wire(3)
      heard = wired.nodes.map((bus) => {
        const all: Heard = { frames: [], signals: [], committed: [], controls: [], peers: new Map(), facts: [] }
        bus.subscribe({
          frame: message => all.frames.push(message),
          signal(message) {
            const reached = all.peers.get(message.peerId) ?? 'gone'
            if (reached === 'reached') all.signals.push(message)
            return reached
          },
          committed: (roomId, some) => all.committed.push({ roomId, seqs: some.map(({ seq }) => seq) }),
        })
        bus.subscribe({
          control: what => all.controls.push(what),
          fact: (node, fact, died) => all.facts.push({ node, fact, died }),
          request(body, gone) {
            if (body === 'refuse') throw new ProtocolError('forbidden', 'no', { retryAfterMs: 7, reason: 'locked' })
            if (body === 'wait') return new Promise(resolve => gone.addEventListener('abort', () => resolve('"late"')))
            return Promise.resolve(JSON.stringify({ by: bus.node, body }))
          },
        })
        return all
      })
    })
    afterEach(() => wired.close())

    it('carries a frame for every audience to every node, the sender\'s included, as it is and once', async () => {
      const messages: BusMessage[] = [
        { audience: { to: 'room', roomId: 'r', exceptUser: 'u', exceptConnection: 'c', moderators: true }, frame: { type: 'pong', t: 'ü\u2028' }, conflateKey: 'k\nr' },
        { audience: { to: 'user', userId: 'u', outside: 'lobby' }, frame: { type: 'pong', t: '1' } },
        { audience: { to: 'organisation', orgId: 'o' }, frame: { type: 'pong', t: '2' } },
        { audience: { to: 'all' }, frame: { type: 'pong', t: '3' } },
      ]
      for (const message of messages) wired.nodes[0]!.publish(message)
      await waitFor(() => heard.every(({ frames }) => frames.length === messages.length))
      for (const { frames } of heard) expect(frames).toEqual(messages)
    })

    it('keeps the order in which a node speaks, over every kind of message', async () => {
      const [from, to] = [wired.nodes[1]!, heard[2]!]
      for (let n = 1; n <= 200; n++) {
        from.publish({ audience: { to: 'room', roomId: 'r' }, frame: { type: 'pong', t: String(n) } })
        from.committed('r', entries(n))
        from.control({ type: 'evict', roomId: String(n) })
      }
      await waitFor(() => to.controls.length === 200)
      const numbers = Array.from({ length: 200 }, (_, n) => n + 1)
      expect(to.frames.map(({ frame }) => Number('t' in frame && frame.t))).toEqual(numbers)
      expect(to.committed.flatMap(({ seqs }) => seqs)).toEqual(numbers)
      expect(to.controls.map(what => Number('roomId' in what && what.roomId))).toEqual(numbers)
    })

    it('tells the other nodes what was committed, and not the one that did', async () => {
      wired.nodes[0]!.committed('r', entries(1, 2))
      await waitFor(() => heard[1]!.committed.length + heard[2]!.committed.length === 2)
      expect(heard.map(({ committed }) => committed)).toEqual([[], [{ roomId: 'r', seqs: [1, 2] }], [{ roomId: 'r', seqs: [1, 2] }]])
    })

    it('[RTC-1] brings a signal to the one peer, wherever it is, and says what became of it', async () => {
      heard[0]!.peers.set('near', 'reached')
      heard[2]!.peers.set('far', 'reached').set('slow', 'busy')
      const send = (peerId: string) => wired.nodes[0]!.signal({ roomId: 'r', peerId, from: 'u', frame: { type: 'pong', t: peerId } })
      expect(await Promise.all(['near', 'far', 'slow', 'nobody'].map(send))).toEqual(['reached', 'reached', 'busy', 'gone'])
      expect(heard.map(({ signals }) => signals.map(({ peerId }) => peerId))).toEqual([['near'], [], ['far']])
    })

    it('tells the other nodes what one says of itself, its newest word only when it is news, and takes it back', async () => {
      const [bus] = wired.nodes
      const said = (value?: number): Fact => ({ topic: 'connections', key: 'u1', value })
      for (const value of [1, 1, 2, undefined]) bus!.tell(said(value))
      await waitFor(() => heard[1]!.facts.length === 3 && heard[2]!.facts.length === 3)
      for (const { facts } of heard.slice(1)) expect(facts).toEqual([1, 2, undefined].map(value => ({ node: bus!.node, fact: said(value), died: false })))
      expect(heard[0]!.facts).toEqual([])
    })

    it('takes back what a node said of itself when that one is gone', async () => {
      const fact: Fact = { topic: 'knock', key: 'k', value: { roomId: 'r', room: 'lobby', userId: 'u', userName: 'Ann' } }
      wired.nodes[0]!.tell(fact)
      await waitFor(() => heard[1]!.facts.length === 1)
      await wired.nodes[0]!.close()
      const back = () => heard[1]!.facts.filter(({ died }) => died)
      await waitFor(() => back().some(({ fact: { key } }) => key === 'k'))
      expect(back().filter(({ fact: { key } }) => key === 'k')).toEqual([{ node: wired.nodes[0]!.node, fact: { topic: 'knock', key: 'k', value: undefined }, died: true }])
    })

    it('has the node that is named answer a request, refuse it, or give it up', async () => {
      const [asking, named] = [wired.nodes[0]!, wired.nodes[2]!]
      expect(JSON.parse(await asking.ask(named.node, { n: 1 }, 0))).toEqual({ by: named.node, body: { n: 1 } })
      await expect(asking.ask(named.node, 'refuse', 0)).rejects.toMatchObject({ code: 'forbidden', message: 'no', retryAfterMs: 7, reason: 'locked' })
      await expect(asking.ask('nobody0000', 1, 60_000)).rejects.toMatchObject({ code: 'not_found' })
      const gone = new AbortController()
      const given = asking.ask(named.node, 'wait', 60_000, gone.signal).catch((error: unknown) => error)
      gone.abort()
      expect(await given).toBeDefined()
    })

    it('brings control to every node', async () => {
      const all: Control[] = [{ type: 'evict', roomId: 'r' }, { type: 'sign-out', sid: 's' }, { type: 'transport-policy' }, { type: 'personas', orgId: 'o' }]
      for (const what of all) wired.nodes[2]!.control(what)
      await waitFor(() => heard.every(({ controls }) => controls.length === all.length))
      for (const { controls } of heard) expect(controls).toEqual(all)
    })
  })
}
