import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OUTBOX_MAX } from '../../../../stores/outbox'
import { outboxItem } from '../../../../utils/outbox/outbox-item'
import { memoryOutbox } from '../../../../utils/outbox/outbox-storage'
import { withChanges } from '../../../../utils/outbox/outbox-overlay'
import { outboxWorld } from '../../../support/outbox'
import type { Fate, OutboxTab, OutboxWorld } from '../../../support/outbox'
import { fakeTabs } from '../../../support/tabs'
import { waitFor } from '../../../support/wait'

let world: OutboxWorld
beforeEach(async () => {
  world = await outboxWorld()
})
afterEach(() => world.dispose())

/** A message of Ann's in the log. */
async function stored(text: string, id = text): Promise<string> {
  world.core.advance(1_000)
  world.bob.send({ type: 'ping', t: 0 })
  const reply = await world.ann.request({ type: 'chat', room: world.room, text, client_msg_id: id })
  if (reply.type === 'error') throw new Error(reply.message)
  return reply.messageId ?? ''
}

const about = (messageId: string) => ({ room: world.room, userId: world.ann.userId, messageId })
const edit = (messageId: string, text: string) => ({ ...about(messageId), kind: 'edit' as const, text })
const erase = (messageId: string) => ({ ...about(messageId), kind: 'delete' as const })
const react = (messageId: string, op: 'add' | 'remove', emoji = '👍') => ({ ...about(messageId), kind: 'reaction' as const, emoji, op })

/** Takes a message away as somebody else may. */
const takeAway = (messageId: string) => world.append({ type: 'delete', userId: world.bob.userId, moderator: true, messageId })
const isQuiet = (tab: OutboxTab) => tab.store.pending.every(item => item.state === 'failed')

async function quiet(tab: OutboxTab) {
  await waitFor(async () => {
    await tab.follow()
    return isQuiet(tab)
  }, { what: () => JSON.stringify(tab.store.pending), interval: 2 })
}

describe('changes in the queue', () => {
  it('[A8] an edit, a deletion and a reaction made offline outlive a reload and are sent in the order they were wished, once', async () => {
    const [one, two, three] = [await stored('one'), await stored('two'), await stored('three')]
    const before = await world.openTab({ online: false })
    before.write('first')
    expect(before.outbox.ask(edit(one, 'one, better'))).toBe(true)
    before.write('second')
    before.outbox.ask(erase(two))
    before.outbox.ask(react(three, 'add'))
    for (const item of await world.storage.all(world.ann.userId)) expect(outboxItem.safeParse(item).success).toBe(true)
    before.close()
    const tab = await world.openTab({ online: false })
    await waitFor(() => tab.store.pending.length === 5)
    tab.online(true)
    await world.settled(tab)
    expect(await world.texts()).toEqual(['one, better', '(deleted)', 'three', 'first', 'second'])
    expect(tab.sent.map(({ type }) => type)).toEqual(['chat', 'edit', 'chat', 'delete', 'react'])
    expect(await world.reactions(three)).toEqual({ '👍': [world.ann.userId] })
  })

  it('a later wish takes the place of one that waits: two edits are the last, on and off is nothing, a deletion is all', async () => {
    const [one, two] = [await stored('one'), await stored('two')]
    const tab = await world.openTab({ online: false })
    tab.outbox.ask(edit(one, 'one, a draft'))
    tab.outbox.ask(react(one, 'add'))
    tab.outbox.ask(edit(one, 'one, final'))
    tab.outbox.ask(react(one, 'remove'))
    tab.outbox.ask(react(two, 'add'))
    tab.outbox.ask(edit(two, 'in vain'))
    tab.outbox.ask(erase(two))
    expect(tab.store.pending).toMatchObject([{ kind: 'edit', text: 'one, final' }, { kind: 'delete', messageId: two }])
    await waitFor(async () => (await world.storage.all(world.ann.userId)).length === 2)
    tab.online(true)
    await world.settled(tab)
    expect(tab.sent.map(({ type }) => type)).toEqual(['edit', 'delete'])
    expect(await world.told()).not.toContain('in vain')
  })

  it('a toggle ends as it was wished last, however late the answers to the first wishes are', async () => {
    const one = await stored('one')
    const tab = await world.openTab()
    let open = () => {}
    tab.gate = new Promise(resolve => open = resolve)
    tab.outbox.ask(react(one, 'add'))
    await waitFor(() => tab.sent.length === 1)
    tab.outbox.ask(react(one, 'remove'))
    open()
    await world.settled(tab)
    expect(await world.reactions(one)).toEqual({})
  })

  it('an edit whose answer was lost is stored once', async () => {
    const one = await stored('one')
    const tab = await world.openTab()
    tab.fates.push('unanswered')
    tab.outbox.ask(edit(one, 'two'))
    await waitFor(() => tab.sent.length === 1)
    tab.online(true)
    await world.settled(tab)
    expect((await world.told()).filter(text => text === 'two')).toHaveLength(1)
  })

  it('a text the server refuses stays, with the reason; a deletion of what is gone is done', async () => {
    const [one, two] = [await stored('one'), await stored('two')]
    const tab = await world.openTab({ online: false })
    tab.outbox.ask(edit(one, 'my words'))
    tab.outbox.ask(erase(two))
    await takeAway(one)
    await takeAway(two)
    tab.online(true)
    await quiet(tab)
    expect(tab.store.pending).toMatchObject([{ kind: 'edit', text: 'my words', state: 'failed', code: 'not_found' }])
    expect(tab.store.refused).toMatchObject({ item: { kind: 'delete' }, error: { code: 'not_found' } })
    const later = await world.openTab()
    await waitFor(() => later.store.pending.length === 1)
    later.outbox.discard(later.store.pending[0]!.client_msg_id)
    await world.settled(later)
  })

  it('what the queue has no place for is not taken', async () => {
    const one = await stored('one')
    const tab = await world.openTab({ online: false })
    for (let n = 0; n < OUTBOX_MAX; n++) tab.write(`${n}`)
    expect(tab.outbox.ask(edit(one, 'one too many'))).toBe(false)
    expect(tab.outbox.refuse(edit(one, 'one too many'), 'not_found')).toBe(false)
  })

  it('an old text is not sent unasked, an old deletion is', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const [one, two] = [await stored('one'), await stored('two')]
    const tab = await world.openTab({ online: false, now: () => now })
    tab.outbox.ask(edit(one, 'old news'))
    tab.outbox.ask(erase(two))
    now += 8 * 24 * 3_600_000
    tab.online(true)
    await quiet(tab)
    expect(tab.store.pending).toMatchObject([{ text: 'old news', state: 'failed' }])
    expect(await world.texts()).toEqual(['one', '(deleted)'])
  })
})

it('[LOG-5] whatever is written, changed, cut, reloaded and refused: the log ends as it was wished, or the text is kept', async () => {
  const fate = fc.constantFrom<Fate>('answered', 'unanswered', 'lost')
  const action = fc.oneof(
    { weight: 2, arbitrary: fc.record({ what: fc.constant('write' as const) }) },
    { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('edit' as const, 'erase' as const, 'toggle' as const), which: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('take away' as const), which: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('fates' as const), fates: fc.array(fate, { maxLength: 4 }), frail: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('online' as const, 'offline' as const, 'follow' as const, 'reload' as const) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), turns: fc.nat(6) }) },
  )
  let runs = 0
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
    const run = ++runs
    world.storage = memoryOutbox()
    world.browser = fakeTabs()
    const ids = [await stored(`${run}.a`), await stored(`${run}.b`), await stored(`${run}.c`)]
    const wished = ids.map((messageId, n) => ({ messageId, text: `${run}.${'abc'[n]}`, deleted: false, reacted: false, taken: false }))
    const written: string[] = []
    let tab = await world.openTab()
    let n = 0
    for (const step of actions) {
      if (step.what === 'write') written.push(tab.write(`${run}.${++n}`).client_msg_id)
      if ('which' in step) {
        const wish = wished[step.which]!
        if (step.what === 'take away' && !wish.taken) {
          // Fails where it was deleted already.
          await takeAway(wish.messageId).catch(() => undefined)
          wish.taken = true
        }
        if (wish.deleted) continue
        if (step.what === 'edit') tab.outbox.ask(edit(wish.messageId, wish.text = `${run}.${++n}`))
        if (step.what === 'erase') wish.deleted = tab.outbox.ask(erase(wish.messageId))
        if (step.what === 'toggle') {
          wish.reacted = !wish.reacted
          tab.outbox.ask(react(wish.messageId, wish.reacted ? 'add' : 'remove'))
        }
      }
      if (step.what === 'fates') {
        tab.fates.push(...step.fates)
        tab.frail = step.frail
      }
      if (step.what === 'online' || step.what === 'offline') tab.online(step.what === 'online')
      if (step.what === 'follow') await tab.follow()
      if (step.what === 'reload') {
        // What was written is in the browser's storage before the page goes.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
        tab.close()
        tab = await world.openTab()
      }
      if (step.what === 'wait') for (let turn = 0; turn < step.turns; turn++) await new Promise(resolve => setImmediate(resolve))
    }
    tab.fates.length = 0
    // What is on its way now may still take the connection with it.
    await new Promise(resolve => setImmediate(resolve))
    tab.online(true)
    await quiet(tab)
    const log = await world.stored()
    const told = await world.told()
    expect(log.filter(({ id }) => written.includes(id ?? '')).map(({ id }) => id)).toEqual(written)
    for (const { messageId, text, deleted, reacted, taken } of wished) {
      const found = log.find(one => one.messageId === messageId)
      if (deleted || taken) expect(found?.deleted).toBe(true)
      else expect(found).toMatchObject({ text, deleted: false })
      if (!deleted && !taken) expect(await world.reactions(messageId)).toEqual(reacted ? { '👍': [world.ann.userId] } : {})
      const isKept = told.includes(text) || tab.store.pending.some(item => item.kind === 'edit' && item.text === text)
      if (!deleted) expect(isKept, `${text} is in no draft`).toBe(true)
    }
    tab.close()
  }), { numRuns: 60, endOnFailure: true })
}, 60_000)

describe('[A7] what is shown of it', () => {
  const message = { room: 'r', seq: 1, messageId: 'm', userId: 'u', userName: 'Ann', timestamp: '', metadata: {}, content: { text: 'old', type: 'user' as const, actor_type: 'client' as const, format: 'markdown' as const } }
  const item = { client_msg_id: 'x', room: 'r', userId: 'u', timestamp: 'now', state: 'sending' as const, messageId: 'm' }

  it('an edit, a deletion and a reaction are shown at once and marked, and a refused one is not', () => {
    expect(withChanges([message], [{ ...item, kind: 'edit', text: 'new' }])).toMatchObject([{ content: { text: 'new' }, waiting: true }])
    expect(withChanges([message], [{ ...item, kind: 'delete' }])).toMatchObject([{ deleted: true, content: { text: '' }, waiting: true }])
    expect(withChanges([message], [{ ...item, kind: 'reaction', emoji: '👍', op: 'add' }])).toMatchObject([{ reactions: { '👍': ['u'] }, waiting: true }])
    expect(withChanges([message], [{ ...item, kind: 'edit', text: 'new', state: 'failed' }])[0]).toBe(message)
  })

  it('gives the same list where nothing waits', () => {
    const list = [message]
    expect(withChanges(list, [])).toBe(list)
  })
})
