import { describe, expect, it } from 'vitest'
import type { PendingMessage } from '../../../../utils/outbox/outbox-item'
import type { OutboxStorage } from '../../../../utils/outbox/outbox-storage'
import { memoryOutbox, sureOutbox } from '../../../../utils/outbox/outbox-storage'

const message = (id: string, extra: Partial<PendingMessage> = {}): PendingMessage => ({
  kind: 'message', client_msg_id: id, room: 'r', userId: 'u', text: id, timestamp: '2026-01-02T00:00:00.000Z', state: 'sending', ...extra,
})
const ids = async (storage: OutboxStorage, user = 'u') => (await storage.all(user)).map(item => item.client_msg_id)

describe('[A8] storage of what waits', () => {
  it('keeps the order, whatever changes', async () => {
    const storage = memoryOutbox()
    for (const id of ['a', 'b', 'c']) await storage.add(message(id))
    expect(await storage.change('a', item => ({ ...item, text: 'changed' }))).toMatchObject({ text: 'changed' })
    expect(await storage.change('b', () => undefined)).toBeUndefined()
    expect(await storage.change('unknown', item => item)).toBeUndefined()
    expect(await storage.all('u')).toMatchObject([{ text: 'changed' }, { client_msg_id: 'c' }])
  })

  it('forgets what others left, the old and the too much, and nothing of one\'s own', async () => {
    const storage = memoryOutbox()
    await storage.add(message('old', { userId: 'other', timestamp: '2026-01-01T00:00:00.000Z' }))
    for (const id of ['a', 'b', 'c']) await storage.add(message(id, { userId: 'other' }))
    await storage.add(message('mine', { timestamp: '2025-01-01T00:00:00.000Z' }))
    await storage.tidy('u', '2026-01-01T12:00:00.000Z', 2)
    expect(await ids(storage, 'other')).toEqual(['b', 'c'])
    expect(await ids(storage)).toEqual(['mine'])
  })
})

describe('[A8] where the browser\'s storage fails', () => {
  it.each([
    ['cannot be opened', () => Promise.reject(new DOMException('', 'SecurityError'))],
    ['never opens', () => new Promise<OutboxStorage>(() => {})],
  ])('memory is used when it %s', async (_, open) => {
    const storage = sureOutbox(open, 20)
    await storage.add(message('a'))
    await storage.change('a', item => ({ ...item, text: 'b' }))
    await storage.tidy('u', '', 1)
    expect(await storage.all('u')).toMatchObject([{ client_msg_id: 'a', text: 'b' }])
  })

  it('what no longer fits waits in memory, after what did', async () => {
    const real = memoryOutbox()
    await real.add(message('kept'))
    const storage = sureOutbox(async () => ({ ...real, add: () => Promise.reject(new DOMException('', 'QuotaExceededError')) }))
    // Changed while it is still on its way in.
    void storage.add(message('a'))
    expect(await storage.change('a', item => ({ ...item, text: 'b' }))).toMatchObject({ text: 'b' })
    expect(await ids(storage)).toEqual(['kept', 'a'])
    await storage.change('kept', () => undefined)
    expect(await ids(real)).toEqual([])
  })
})
