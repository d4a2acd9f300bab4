import { afterEach, describe, expect, it } from 'vitest'
import type { CarriedWorld, WorldTab } from '../../../../support/carried-world'
import { createCarriedWorld } from '../../../../support/carried-world'
import { waitFor } from '../../../../support/wait'

let world: CarriedWorld
let said = 0
afterEach(() => world.dispose())

/** Says something to each tab that nobody else is told. */
function say(tabs: readonly WorldTab[], connections = tabs.map(tab => tab.connection())): void {
  said++
  for (const connection of connections) connection.send({ type: 'pong', t: `${connection.id} ${said}` })
}

const words = (tab: WorldTab) => tab.frames.flatMap(frame => frame.type === 'pong' ? [String(frame.t)] : [])
const reader = (tabs: readonly WorldTab[]) => waitFor(() => {
  const readers = tabs.filter(tab => tab.isReading())
  return readers.length === 1 ? readers[0] : undefined
}, { what: () => `one that reads, not ${tabs.filter(tab => tab.isReading()).map(tab => tab.id).join()}` })

/** Each tab has what was said to it alone, once and in order. */
async function have(tabs: readonly WorldTab[], from: number): Promise<void> {
  for (const tab of tabs) {
    const own = tab.frames[0]?.type === 'connection.established' ? tab.frames[0].connection_id : ''
    const all = Array.from({ length: said - from }, (_, n) => `${own} ${from + n + 1}`)
    await waitFor(() => words(tab).length >= all.length, { what: () => `${tab.id}: ${all.length} words, not ${words(tab).length}` })
    expect(words(tab)).toEqual(all)
  }
}

const WORLDS = (['sse', 'polling'] as const).flatMap(transport => [{ transport, many: false, by: '' }, { transport, many: true, by: ', each request to another node' }])

describe.each(WORLDS)('[TAB-4] tabs that read together over $transport$by', ({ transport, many }) => {
  async function three(options?: Parameters<typeof createCarriedWorld>[1]) {
    said = 0
    world = await createCarriedWorld(transport, { many, ...options })
    const tabs = [await world.open(), await world.open(), await world.open()]
    // By then they have come to one that reads.
    say(tabs)
    await have(tabs, 0)
    return tabs
  }

  it('hold one request for all, and each gets its own frames', async () => {
    const tabs = await three()
    await reader(tabs)
    await waitFor(() => world.held() === 1)
    for (let n = 0; n < 5; n++) say(tabs)
    await have(tabs, 0)
    expect(new Set(tabs.map(tab => tab.connection().state.phase === 'established' && tab.connection().id)).size).toBe(3)
    expect(new Set(tabs.map(tab => (tab.frames[0] as { peer_id: string }).peer_id)).size).toBe(3)
    expect(tabs.flatMap(tab => tab.ends)).toEqual([])
  })

  it.each([true, false])('go on when the one that reads dies, where the browser tells (%s) and where not', async (locks) => {
    const tabs = await three({ locks })
    const first = await reader(tabs)
    say(tabs)
    const others = tabs.filter(tab => tab !== first)
    first.kill()
    say(others)
    await reader(others)
    say(others)
    await have(others, 0)
    expect(others.flatMap(tab => tab.ends)).toEqual([])
  })

  it('go on when the one that reads is frozen, which gets what it missed when it thaws', async () => {
    const tabs = await three()
    const first = await reader(tabs)
    say(tabs)
    await have(tabs, 0)
    const others = tabs.filter(tab => tab !== first)
    first.freeze()
    say(tabs)
    await reader(others)
    say(tabs)
    await have(others, 0)
    first.thaw()
    await have(tabs, 0)
    await reader(tabs)
    say(tabs)
    await have(tabs, 0)
    expect(tabs.flatMap(tab => tab.ends)).toEqual([])
  })

  it('go on when the one that reads leaves, and the last one needs nobody', async () => {
    const tabs = await three()
    while (tabs.length > 1) {
      const first = await reader(tabs)
      tabs.splice(tabs.indexOf(first), 1)
      first.wire.close()
      await reader(tabs)
      say(tabs)
    }
    await waitFor(() => words(tabs[0]!).length === said)
    expect(tabs[0]!.ends).toEqual([])
  })

  it('a tab that is gone leaves no ghost, though another one reads for it', async () => {
    const tabs = await three()
    const first = await reader(tabs)
    const [gone] = tabs.filter(tab => tab !== first)
    const connection = gone!.connection()
    gone!.kill()
    await waitFor(() => connection.state.phase === 'closed')
  })

  it('[CON-4] a frozen tab is not taken for alive because another one reads for it', async () => {
    const tabs = await three()
    const first = await reader(tabs)
    const [frozen] = tabs.filter(tab => tab !== first)
    const connection = frozen!.connection()
    const heardAt = connection.heardAt
    frozen!.freeze()
    // What was said before has arrived by then, at the server too: the next read, or what is acknowledged.
    const reads = () => world.requests.filter(request => request.endsWith('/read')).length
    const before = reads()
    say([], [first.connection()])
    await waitFor(() => words(first).length === 2 && reads() > before && world.held() === 1)
    await new Promise(resolve => setImmediate(resolve))
    world.core.advance(5_000)
    say([], [connection, first.connection()])
    await waitFor(() => words(first).length === 3)
    expect(connection.heardAt).toBe(heardAt)
  })

  it('[CON-2] one that is somebody else\'s by now is refused alone', async () => {
    const tabs = await three()
    await world.signIn('Eve')
    const eve = await world.open()
    await waitFor(() => tabs.every(tab => tab.ends.length === 1))
    say([eve])
    await waitFor(() => words(eve).length === 1)
    expect(eve.ends).toEqual([])
  })

  it('without a channel each reads for itself, and only those with a place hold a request open', async () => {
    let places = 1
    const tabs = await three({ channels: false, place: async () => places-- > 0 ? () => {} : undefined })
    for (let n = 0; n < 3; n++) say(tabs)
    await have(tabs, 0)
    await waitFor(() => world.held() === 1)
    say(tabs)
    await have(tabs, 0)
    expect(tabs.flatMap(tab => tab.ends)).toEqual([])
  })

  it('are told when the server cannot be reached, and begin anew', async () => {
    const tabs = await three()
    world.cut(true)
    await waitFor(() => tabs.every(tab => tab.ends.length === 1))
    expect(tabs.map(tab => tab.ends[0]!.code)).toEqual([1006, 1006, 1006])
    world.cut(false)
    const next = await world.open()
    said = 0
    say([next])
    await have([next], 0)
  })
})
