export interface Wishes<V> {
  /**
   * Asks for one thing to be so. While an earlier wish for it is on its way this one waits, and only the last one follows.
   *
   * @param key names the thing
   * @param send brings one wish to whoever grants it; settles to whether it was granted
   * @returns whether the last wish was granted, once nothing is on its way any more
   */
  wish: (key: string, value: V, send: (value: V) => Promise<boolean>) => Promise<boolean>
}

/**
 * Toggles that end as they were wished last, in whatever order and however late the answers come.
 *
 * @param show told what is wished of a thing, and undefined once it is settled
 */
export function createWishes<V>(show: (key: string, value: V | undefined) => void): Wishes<V> {
  const open = new Map<string, { wanted: V, done: Promise<boolean> }>()

  async function settle(key: string, first: V, send: (value: V) => Promise<boolean>): Promise<boolean> {
    for (let value = first; ;) {
      const isGranted = await send(value).catch(() => false)
      const wanted = open.get(key)?.wanted ?? value
      if (wanted === value) {
        open.delete(key)
        show(key, undefined)
        return isGranted
      }
      value = wanted
    }
  }

  return {
    wish(key, value, send) {
      show(key, value)
      const line = open.get(key)
      if (line) {
        line.wanted = value
        return line.done
      }
      const own = { wanted: value, done: Promise.resolve(false) }
      open.set(key, own)
      own.done = settle(key, value, send)
      return own.done
    },
  }
}
