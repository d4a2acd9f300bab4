import { describe, expect, it } from 'vitest'
import { createExclusive } from '../../../../utils/app/exclusive'
import { createTabChannel } from '../../../../utils/app/tab-channel'
import type { TabMessage } from '../../../../utils/app/tab-channel'
import { waitFor } from '../../../support/wait'

type Grant = (lock: Lock | null) => unknown

/** Locks as a browser gives them: one holder at a time, in the order they were asked for. */
function fakeLocks() {
  const turns = new Map<string, Promise<unknown>>()
  const holders = new Map<string, () => void>()
  function request(name: string, first: Grant | LockOptions, second?: Grant) {
    const [options, grant] = typeof first === 'function' ? [{}, first] : [first, second!]
    const turn = (turns.get(name) ?? Promise.resolve()).catch(() => undefined).then(() => {
      if (options.signal?.aborted) throw new DOMException('', 'AbortError')
      return Promise.race([grant(null), new Promise<void>(resolve => holders.set(name, resolve))])
    })
    turns.set(name, turn)
    return turn
  }
  return {
    locks: { request } as Pick<LockManager, 'request'>,
    /** The tab that holds it goes. */
    release: (name: string) => holders.get(name)?.(),
  }
}

describe('[J5] the channel between tabs', () => {
  it('hears the others, not itself, until it stops listening', async () => {
    const open = (name: string) => new BroadcastChannel(name) as unknown as globalThis.BroadcastChannel
    const channels: globalThis.BroadcastChannel[] = []
    const tab = () => createTabChannel({ open: name => channels[channels.push(open(name)) - 1]! })
    const [one, two] = [tab(), tab()]
    const heard: [string, TabMessage][] = []
    const stop = one.on('read', message => heard.push(['one', message]))
    two.on('read', message => heard.push(['two', message]))
    one.post({ type: 'read', userId: 'u', room: 'r', seq: 3 })
    two.post({ type: 'read', userId: 'u', room: 'r', seq: 4 })
    await waitFor(() => heard.length === 2)
    expect(heard.map(([who, message]) => [who, message.type === 'read' && message.seq]).sort()).toEqual([['one', 4], ['two', 3]])
    stop()
    two.post({ type: 'read', userId: 'u', room: 'r', seq: 5 })
    one.post({ type: 'read', userId: 'u', room: 'r', seq: 6 })
    await waitFor(() => heard.length === 3)
    expect(heard.filter(([who]) => who === 'one')).toHaveLength(1)
    for (const channel of channels) channel.close()
  })

  it('knows when a tab is gone, however it went', async () => {
    const { locks, release } = fakeLocks()
    const [one, two] = [createTabChannel({ locks }), createTabChannel({ locks })]
    let isGone = false
    const gone = one.gone(two.id).then(() => isGone = true)
    await new Promise(resolve => setImmediate(resolve))
    expect(isGone).toBe(false)
    release(`lastra:tabs:${two.id}`)
    await gone
  })

  it('is a tab alone where the browser has neither', () => {
    const tab = createTabChannel()
    tab.post({ type: 'read', userId: 'u', room: 'r', seq: 1 })
    expect(tab.id).not.toBe(createTabChannel().id)
  })
})

describe('[J5] what one tab at a time does', () => {
  it('waits for its turn', async () => {
    const exclusive = createExclusive(fakeLocks().locks)
    const order: string[] = []
    let end = () => {}
    const first = exclusive('n', async () => {
      order.push('first')
      await new Promise<void>(resolve => end = resolve)
      order.push('end of first')
    })
    const second = exclusive('n', async () => void order.push('second'))
    const other = exclusive('other', async () => void order.push('other'))
    await other
    end()
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'other', 'end of first', 'second'])
  })

  it('goes without a turn where locks are missing or refused, and says what went wrong in the task', async () => {
    let done = 0
    await createExclusive(undefined)('n', async () => void done++)
    await createExclusive({ request: () => Promise.reject(new DOMException('', 'SecurityError')) } as Pick<LockManager, 'request'>)('n', async () => void done++)
    expect(done).toBe(2)
    await expect(createExclusive(fakeLocks().locks)('n', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  })
})
