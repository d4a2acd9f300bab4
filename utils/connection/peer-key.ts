import { nanoid } from 'nanoid'

export interface PeerKeyOptions {
  /** Where the key lives through reloads. */
  storage: Pick<Storage, 'getItem' | 'setItem'>
  /** The browser's lock manager, where there is one (not on plain HTTP). */
  locks?: Pick<LockManager, 'request'>
  /** Opens a channel to the other tabs. Used where there are no locks. */
  channel?: (name: string) => BroadcastChannel
  /** How long a reloaded page may need to let go of its own key, in milliseconds. @default 400 */
  waitMs?: number
}

const STORAGE_KEY = 'lastra:peer-key'
const CHANNEL = 'lastra:peer-keys'

/**
 * The key that makes this tab one peer through reconnects and reloads (CON-8). A duplicated tab starts with a copy
 * of `sessionStorage`; two tabs with one key would push each other off the server, so a key that another
 * tab holds is left to it and a new one is made.
 *
 * @returns the key, held until the page goes
 */
export async function claimPeerKey(options: PeerKeyOptions): Promise<string> {
  const stored = options.storage.getItem(STORAGE_KEY)
  if (stored && await claim(stored, options)) return stored
  const fresh = nanoid(24)
  options.storage.setItem(STORAGE_KEY, fresh)
  await claim(fresh, options)
  return fresh
}

async function claim(key: string, options: PeerKeyOptions): Promise<boolean> {
  const waitMs = options.waitMs ?? 400
  if (options.locks) return claimByLock(options.locks, key, waitMs)
  if (options.channel) return claimByChannel(options.channel(CHANNEL), key, Math.min(waitMs, 150))
  return true
}

/** Holds a lock named by the key for as long as the page lives. */
function claimByLock(locks: Pick<LockManager, 'request'>, key: string, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    locks.request(`${CHANNEL}:${key}`, { signal: AbortSignal.timeout(waitMs) }, () => {
      resolve(true)
      return new Promise<never>(() => {})
    }).catch(() => resolve(false))
  })
}

/** Asks the other tabs whether one holds the key, then answers such questions itself. */
function claimByChannel(channel: BroadcastChannel, key: string, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(true), waitMs)
    const settle = (mine: boolean) => {
      clearTimeout(timer)
      channel.onmessage = ({ data }: MessageEvent<{ ask?: string }>) => {
        if (mine && data.ask === key) channel.postMessage({ held: key })
      }
      if (!mine) channel.close()
      resolve(mine)
    }
    channel.onmessage = ({ data }: MessageEvent<{ held?: string }>) => {
      if (data.held === key) settle(false)
    }
    channel.postMessage({ ask: key })
  })
}
