import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redis } from 'ioredis'
import type { Bus, Receivers } from '../../../../../server/realtime/bus'
import type { Fact } from '../../../../../server/realtime/bus/facts'
import { createRedisBus } from '../../../../../server/realtime/bus/redis'
import { startRedis } from '../../../../support/redis'
import type { TestRedis } from '../../../../support/redis'
import { waitFor } from '../../../../support/wait'
import { busContract } from './bus.contract'

let redis: TestRedis
let wires = 0
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** Nodes that have heard of each other. */
async function together(count: number, receivers: Partial<Receivers> = {}, url = redis.url): Promise<Bus[]> {
  const prefix = `test${++wires}`
  const nodes = Array.from({ length: count }, () => createRedisBus({ url, prefix }))
  for (const bus of nodes) bus.subscribe(receivers)
  const knows = nodes.map(() => new Set<string>())
  nodes.forEach((bus, n) => bus.subscribe({ fact: (node, fact) => fact.key === 'ready' && knows[n]!.add(node) }))
  for (const bus of nodes) bus.tell({ topic: 'connections', key: 'ready', value: 1 })
  await waitFor(() => knows.every(known => known.size === count - 1), { what: 'nodes that know each other' })
  return nodes
}

busContract('over Redis', async (count) => {
  const nodes = await together(count)
  return { nodes, close: async () => void await Promise.all(nodes.map(bus => bus.close())) }
})

it('what is said in one turn of the event loop goes as one message, in its order', async () => {
  const heard: string[] = []
  const [here, there] = await together(2, { frame: ({ frame }) => 't' in frame && void heard.push(String(frame.t)) })
  const ear = new Redis(redis.url)
  let messages = 0
  await ear.psubscribe(`test${wires}:*`)
  ear.on('pmessage', (_pattern: string, _channel: string, text: string) => {
    if (text.includes('"pong"')) messages++
  })
  for (let n = 0; n < 100; n++) here!.publish({ audience: { to: 'all' }, frame: { type: 'pong', t: `${n}` } })
  const said = Array.from({ length: 100 }, (_, n) => `${n}`)
  await waitFor(() => heard.length >= 200 && messages > 0, { what: 'all on both nodes' })
  expect(heard).toEqual([...said, ...said])
  expect(messages).toBe(1)
  ear.disconnect()
  for (const bus of [here!, there!]) await bus.close()
})

describe('a Redis that goes away', () => {
  const pong = (t: string) => ({ audience: { to: 'all' as const }, frame: { type: 'pong' as const, t } })
  const fact = (value: number): Fact => ({ topic: 'connections', key: 'u1', value })

  it('[MANY-4] what is for this node comes at once, what was said meanwhile comes to no other late, and what is still true comes when Redis is back', async () => {
    const own = await startRedis()
    const heard: { frames: string[], facts: unknown[], backs: number } = { frames: [], facts: [], backs: 0 }
    const [here, there] = await together(2, {}, own.url)
    const local: string[] = []
    here!.subscribe({ frame: ({ frame }) => 't' in frame && local.push(String(frame.t)) })
    there!.subscribe({ frame: ({ frame }) => 't' in frame && heard.frames.push(String(frame.t)), fact: (_, { value }) => heard.facts.push(value), back: () => heard.backs++ })
    here!.tell(fact(1))
    await waitFor(() => heard.facts.length === 1)
    await own.stop()
    await waitFor(() => !here!.isUp() && !there!.isUp())
    here!.publish(pong('lost'))
    here!.tell(fact(2))
    expect(local).toEqual(['lost'])
    expect(await here!.signal({ roomId: 'r', peerId: 'p', from: 'u', frame: { type: 'pong' } })).toBe('busy')
    await own.start()
    await waitFor(() => heard.facts.length === 2 && heard.backs === 1, { what: 'what is still true' })
    here!.publish(pong('new'))
    await waitFor(() => heard.frames.length > 0)
    expect(heard).toEqual({ frames: ['new'], facts: [1, 2], backs: 1 })
    for (const bus of [here!, there!]) await bus.close()
    await own.stop()
  })

  it('its password is in nothing that is said of it', async () => {
    const own = await startRedis('s3cret-word')
    const said: string[] = []
    const good = createRedisBus({ url: own.url, prefix: 'p', onChange: (isUp, reason) => said.push(`${isUp} ${reason}`) })
    await waitFor(() => good.isUp())
    const bad = createRedisBus({ url: own.url.replace('s3cret-word', 'another-word'), prefix: 'p', onChange: (_, reason) => said.push(reason) })
    await waitFor(() => said.length >= 2)
    await own.stop()
    await waitFor(() => said.length >= 3)
    expect(said.join('\n')).not.toMatch(/s3cret-word|another-word/)
    for (const bus of [good, bad]) await bus.close()
  })

  it('what Redis was told before it stood still is not passed on when it goes on', { timeout: 30_000 }, async () => {
    const own = await startRedis()
    const frames: string[] = []
    const [here, there] = await together(2, {}, own.url)
    there!.subscribe({ frame: ({ frame }) => 't' in frame && frames.push(String(frame.t)) })
    here!.publish(pong('before'))
    await waitFor(() => frames.length === 1)
    own.freeze(true)
    here!.publish(pong('stale'))
    await waitFor(() => !here!.isUp() && !there!.isUp(), { timeout: 15_000 })
    own.freeze(false)
    await waitFor(() => here!.isUp() && there!.isUp())
    await waitFor(() => {
      here!.publish(pong('after'))
      return frames.includes('after')
    })
    expect(frames).not.toContain('stale')
    for (const bus of [here!, there!]) await bus.close()
    own.freeze(false)
    await own.stop()
  })

  it('nothing that is no message of a node, or too long, is taken in', async () => {
    const frames: unknown[] = []
    const [bus] = await together(1, { frame: message => frames.push(message) })
    const speaker = new Redis(redis.url)
    const channel = `test${wires}:all`
    const junk = ['', '{', '[]', '{"from":"x"}', '{"from":"a b","at":1,"kind":"bye"}', '{"from":"x","at":1,"kind":"frame","message":{"audience":{"to":"all"},"frame":{"type":"constructor"}}}',
      '{"from":"x","at":1,"kind":"frame","message":{"audience":{"to":"all"},"frame":{"type":"pong","t":{}}}}', '{"from":"x","at":1,"kind":"control","control":{"type":"rm"}}',
      `{"from":"x","at":1,"kind":"frame","message":{"audience":{"to":"all"},"frame":{"type":"pong","t":"${'x'.repeat(9 * 1024 * 1024)}"}}}`]
    for (const text of junk) await speaker.publish(channel, text)
    await speaker.publish(channel, '{"from":"x","at":1,"kind":"frame","message":{"audience":{"to":"all"},"frame":{"type":"pong","t":"good"}}}')
    await waitFor(() => frames.length > 0)
    expect(frames).toEqual([{ audience: { to: 'all' }, frame: { type: 'pong', t: 'good' } }])
    speaker.disconnect()
    await bus!.close()
  })
})
