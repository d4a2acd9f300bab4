import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OUTBOX_MAX } from '../../../../stores/outbox'
import type { PendingMessage } from '../../../../utils/outbox/outbox-item'
import { learnServerTime } from '../../../../utils/connection/server-clock'
import { memoryOutbox } from '../../../../utils/outbox/outbox-storage'
import { outboxWorld } from '../../../support/outbox'
import type { Fate, OutboxWorld } from '../../../support/outbox'
import { fakeTabs } from '../../../support/tabs'
import { waitFor } from '../../../support/wait'

let world: OutboxWorld
beforeEach(async () => {
  world = await outboxWorld()
})
afterEach(() => world.dispose())

describe('a queue of one tab', () => {
  it('[A8] [LOG-4] keeps what is written offline, over a reload, and sends it once and in order', async () => {
    const before = await world.openTab({ online: false })
    for (const text of ['one', 'two', 'three']) before.write(text)
    before.close()
    const tab = await world.openTab({ online: false })
    await waitFor(() => tab.store.pending.length === 3)
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['one', 'two', 'three'])
  })

  it('[A8] what waits outlives the end of a session: its writer finds it again and it is sent, nobody else sees it', async () => {
    const tab = await world.openTab({ online: false })
    for (const text of ['one', 'two']) tab.write(text)
    tab.outbox.open(undefined)
    expect(tab.store.pending).toEqual([])
    tab.outbox.open(world.bob.userId)
    await new Promise(resolve => setImmediate(resolve))
    expect(tab.store.pending, 'nobody else\'s').toEqual([])
    tab.outbox.open(world.ann.userId)
    await waitFor(() => tab.store.pending.length === 2)
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['one', 'two'])
  })

  it('[A8] a queue whose name is gone gives its words back, once and in order, and sends none of them', async () => {
    const tab = await world.openTab({ online: false })
    for (const text of ['one', 'regretted', 'two']) tab.write(text)
    tab.outbox.discard(tab.store.pending[1]!.client_msg_id)
    tab.outbox.open(undefined)
    expect((await tab.outbox.release(world.ann.userId)).map(({ text }) => text)).toEqual(['one', 'two'])
    expect(await tab.outbox.release(world.ann.userId)).toEqual([])
    tab.outbox.open(world.ann.userId)
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual([])
  })

  it('[A8] carries the server\'s time, whatever the clock here says', async () => {
    const tab = await world.openTab({ online: false })
    const server = Date.now() + 3 * 86_400_000
    learnServerTime(new Date(server).toISOString())
    const { timestamp } = tab.write('on time')
    learnServerTime(new Date().toISOString())
    expect(Math.abs(Date.parse(timestamp) - server)).toBeLessThan(60_000)
  })

  it('[A8] changes and takes back what waits, and nobody ever sees it', async () => {
    const tab = await world.openTab({ online: false })
    const [one, two, three] = ['one', 'tow', 'three'].map(tab.write)
    expect(tab.outbox.edit(two!.client_msg_id, 'two')).toBe(true)
    tab.outbox.discard(one!.client_msg_id)
    expect(tab.store.pending).toMatchObject([{ text: 'two' }, { text: 'three' }])
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['two', 'three'])
    expect(await world.told()).toEqual(['two', 'three'])
    expect(tab.outbox.edit(three!.client_msg_id, 'late'), 'what is sent is no longer the queue\'s').toBe(false)
  })

  it.each<[Fate]>([['unanswered'], ['lost']])('[LOG-4] an edit of a message whose sending was %s ends as its text', async (fate) => {
    const tab = await world.openTab()
    tab.fates.push(fate)
    const message = tab.write('before')
    await waitFor(() => tab.sent.length === 1)
    tab.outbox.edit(message.client_msg_id, 'after')
    tab.write('next')
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['after', 'next'])
    expect(new Set(tab.sent.flatMap(frame => frame.type === 'chat' && frame.text !== 'next' ? [frame.client_msg_id] : [])).size).toBe(1)
  })

  it.each<[Fate]>([['unanswered'], ['lost']])('[LOG-4] taking back a message whose sending was %s leaves no text of it', async (fate) => {
    const tab = await world.openTab()
    tab.fates.push(fate)
    const message = tab.write('regretted')
    await waitFor(() => tab.sent.length === 1)
    tab.outbox.discard(message.client_msg_id)
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['(deleted)'])
    if (fate === 'lost') expect(await world.told()).not.toContain('regretted')
    // A copy of it that was held up on the way comes too late.
    const late = await world.ann.request(tab.sent[0]!)
    expect(late).toMatchObject({ type: 'ack', duplicate: true })
    expect(await world.texts()).toEqual(['(deleted)'])
  })

  it('changes and takes back what is on its way right now', async () => {
    const tab = await world.openTab()
    for (const change of [(id: string) => void tab.outbox.edit(id, 'first'), tab.outbox.discard]) {
      let open = () => {}
      tab.gate = new Promise(resolve => open = resolve)
      tab.sent.length = 0
      const { client_msg_id } = tab.write('frist')
      await waitFor(() => tab.sent.length === 1)
      change(client_msg_id)
      open()
      await world.settled(tab)
    }
    expect(await world.texts()).toEqual(['first', '(deleted)'])
  })

  it('forgets a change when the log shows that it was made', async () => {
    const tab = await world.openTab()
    tab.fates.push('unanswered')
    const message = tab.write('before')
    await waitFor(() => tab.sent.length === 1)
    await waitFor(async () => (await world.texts()).length === 1)
    tab.outbox.edit(message.client_msg_id, 'after')
    await tab.follow()
    expect(tab.store.pending).toMatchObject([{ logged: true, text: 'after' }])
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['after'])
  })

  it('shows what is refused as failed, and sends it again under a new text', async () => {
    const tab = await world.openTab()
    tab.write('x'.repeat(17_000))
    tab.write('short')
    await waitFor(() => tab.store.pending[0]?.state === 'failed')
    const [long] = tab.store.pending
    expect(long?.offered).toBeUndefined()
    await waitFor(async () => (await world.texts()).includes('short'))
    tab.outbox.edit(long!.client_msg_id, 'shorter')
    await world.settled(tab)
    expect(await world.texts()).toEqual(['short', 'shorter'])
  })

  it('does not send by itself what waited for more than a week', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const before = await world.openTab({ online: false, now: () => now })
    before.write('old news')
    before.close()
    now += 8 * 24 * 3_600_000
    const tab = await world.openTab({ now: () => now })
    await waitFor(() => tab.store.pending[0]?.state === 'failed')
    expect(tab.store.pending).toMatchObject([{ text: 'old news', error: 'It waited for more than a week.' }])
    tab.outbox.retry(tab.store.pending[0]!.client_msg_id)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['old news'])
  })

  it('holds a bounded number', async () => {
    const tab = await world.openTab({ online: false })
    for (let n = 0; n < OUTBOX_MAX; n++) tab.write(`${n}`)
    expect(tab.outbox.write({ room: world.room, userId: world.ann.userId, text: 'one too many' })).toBe(false)
    expect(await world.storage.all(world.ann.userId)).toHaveLength(OUTBOX_MAX)
  })

  it('neither shows nor sends what another user left, and keeps it for them', async () => {
    const annTab = await world.openTab({ online: false })
    annTab.write('of Ann')
    annTab.outbox.open(world.bob.userId)
    expect(annTab.store.pending).toEqual([])
    annTab.close()
    const tab = await world.openTab({ user: world.bob })
    tab.write('of Bob')
    await waitFor(async () => (await world.texts()).length === 1)
    await tab.follow()
    expect(tab.store.pending).toEqual([])
    tab.online(false)
    tab.outbox.open(world.ann.userId)
    await waitFor(() => tab.store.pending.length === 1)
    expect(await world.texts()).toEqual(['of Bob'])
  })

  it('goes on in memory when the storage fails at everything', async () => {
    const no = () => Promise.reject(new Error('QuotaExceededError'))
    world.storage = { all: no, add: no, change: no, tidy: no }
    const tab = await world.openTab({ online: false })
    const one = tab.write('one')
    tab.write('two')
    tab.outbox.edit(one.client_msg_id, 'first')
    tab.online(true)
    await waitFor(async () => {
      await tab.follow()
      return tab.store.pending.length === 0
    })
    expect(await world.texts()).toEqual(['first', 'two'])
  })
})

describe('one queue of many tabs', () => {
  it('[J5] shows what waits in all of them, and drops it when the log shows it', async () => {
    const [one, two] = [await world.openTab({ online: false }), await world.openTab({ online: false })]
    one.write('from one')
    await waitFor(() => two.store.pending.length === 1)
    two.write('from two')
    await waitFor(() => one.store.pending.length === 2)
    one.outbox.edit(one.store.pending[1]!.client_msg_id, 'of two, by one')
    await waitFor(() => (two.store.pending[1] as PendingMessage).text === 'of two, by one')
    two.online(true)
    await world.settled(one, two)
    expect(await world.texts()).toEqual(['from one', 'of two, by one'])
  })

  it('[J5] is sent by one tab at a time; the next takes over from one that is closed', async () => {
    const [one, two] = [await world.openTab({ online: false }), await world.openTab({ online: false })]
    const all = Array.from({ length: 12 }, (_, n) => `m${n}`)
    all.forEach(one.write)
    await waitFor(() => two.store.pending.length === all.length)
    one.online(true)
    two.online(true)
    await waitFor(() => one.sent.length >= 4)
    expect(two.sent).toEqual([])
    one.close()
    await world.settled(two)
    expect(await world.texts()).toEqual(all)
  })

  it('[LOG-4] whatever is written, changed and lost by two tabs, each message ends once, in order, as it was last wished', async () => {
    const fate = fc.constantFrom<Fate>('answered', 'unanswered', 'lost')
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.record({ what: fc.constant('write' as const), tab: fc.nat(1) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('edit' as const, 'discard' as const), tab: fc.nat(1), which: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('fates' as const), tab: fc.nat(1), fates: fc.array(fate, { maxLength: 4 }), frail: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('online' as const, 'offline' as const), tab: fc.nat(1) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('follow' as const), tab: fc.nat(1) }) },
      { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), tab: fc.nat(1), turns: fc.nat(6) }) },
    )
    let runs = 0
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const run = ++runs
      world.storage = memoryOutbox()
      world.browser = fakeTabs()
      const pair = [await world.openTab(), await world.openTab()]
      const wished = new Map<string, string | undefined>()
      let n = 0
      for (const step of actions) {
        const tab = pair[step.tab]!
        if (step.what === 'write') wished.set(tab.write(`${run}.${++n}`).client_msg_id, `${run}.${n}`)
        if (step.what === 'edit' || step.what === 'discard') {
          const item = tab.store.pending[step.which % Math.max(1, tab.store.pending.length)] as PendingMessage | undefined
          if (!item || item.deleted || wished.get(item.client_msg_id) === undefined) continue
          if (step.what === 'edit') tab.outbox.edit(item.client_msg_id, `${run}.${++n}`)
          else tab.outbox.discard(item.client_msg_id)
          wished.set(item.client_msg_id, step.what === 'edit' ? `${run}.${n}` : undefined)
          // What two tabs want of one message within the blink of an eye has no order.
          for (let turn = 0; turn < 20; turn++) await Promise.resolve()
        }
        if (step.what === 'fates') {
          tab.fates.push(...step.fates)
          tab.frail = step.frail
        }
        if (step.what === 'online' || step.what === 'offline') tab.online(step.what === 'online')
        if (step.what === 'follow') await tab.follow()
        if (step.what === 'wait') for (let turn = 0; turn < step.turns; turn++) await new Promise(resolve => setImmediate(resolve))
      }
      for (const tab of pair) {
        tab.fates.length = 0
        tab.online(true)
      }
      await world.settled(...pair)
      const mine = (await world.stored()).filter(({ id }) => wished.has(id ?? ''))
      expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length)
      for (const [id, text] of wished) {
        const found = mine.find(one => one.id === id)
        if (text === undefined) expect(found?.deleted ?? true, id).toBe(true)
        else expect(found, id).toMatchObject({ id, text, deleted: false })
      }
      pair.forEach(tab => tab.close())
    }), { numRuns: 150 })
  }, 60_000)
})
