import { describe, expect, it } from 'vitest'
import { claimPeerKey } from '../../../../utils/connection/peer-key'

function memory(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries))
  return { getItem: (key: string) => map.get(key) ?? null, setItem: (key: string, value: string) => void map.set(key, value) }
}

/** Locks as a browser has them: granted when free, otherwise the request waits until it is aborted. */
function lockManager() {
  const held = new Set<string>()
  const request = (name: string, options: LockOptions, callback: () => Promise<unknown>) => {
    if (!held.has(name)) {
      held.add(name)
      return callback()
    }
    return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  }
  return { request: request as LockManager['request'] }
}

describe('peer key', () => {
  it('[CON-8] is random, long enough and stays through a reload', async () => {
    const storage = memory()
    const first = await claimPeerKey({ storage, locks: lockManager() })
    expect(first.length).toBeGreaterThanOrEqual(16)
    expect(await claimPeerKey({ storage, locks: lockManager() })).toBe(first)
  })

  it('[CON-8] is made anew in a duplicated tab, which starts with a copy of the storage', async () => {
    const locks = lockManager()
    const original = await claimPeerKey({ storage: memory(), locks })
    const copy = memory({ 'lastra:peer-key': original })
    const duplicate = await claimPeerKey({ storage: copy, locks, waitMs: 5 })
    expect(duplicate).not.toBe(original)
    expect(copy.getItem('lastra:peer-key')).toBe(duplicate)
  })

  it('asks the other tabs where there are no locks', async () => {
    const channel = (name: string) => new BroadcastChannel(name)
    const original = await claimPeerKey({ storage: memory({ 'lastra:peer-key': 'k'.repeat(20) }), channel, waitMs: 20 })
    expect(original).toBe('k'.repeat(20))
    const duplicate = await claimPeerKey({ storage: memory({ 'lastra:peer-key': original }), channel, waitMs: 20 })
    expect(duplicate).not.toBe(original)
  })
})
