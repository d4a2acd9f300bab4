import { useIntervalFn } from '@vueuse/core'
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import type { MeshPeer } from '~/utils/call/mesh'
import { readStats } from '~/utils/call/stats'
import type { LinkStats } from '~/utils/call/stats'

export interface UseCallStatsOptions {
  links: () => ReadonlyMap<string, MeshPeer>
  /**
   * Milliseconds between two readings.
   * @default 2000
   */
  interval?: number
}

export interface UseCallStatsReturn {
  /** The newest reading of each link by peer id. */
  stats: Readonly<ShallowRef<ReadonlyMap<string, LinkStats>>>
}

/** Reads every link's statistics at an interval, for quality bars, the statistics panel and what may be sent. */
export function useCallStats(options: UseCallStatsOptions): UseCallStatsReturn {
  const stats = shallowRef<ReadonlyMap<string, LinkStats>>(new Map())
  let reading = false

  async function read() {
    if (reading || (options.links().size === 0 && stats.value.size === 0)) return
    reading = true
    try {
      const readings = await Promise.all([...options.links()].map(async ([id, { link }]) => {
        const transport = link.transport
        if (!transport || transport.isClosed()) return undefined
        const report = await transport.getStats()
        return [id, readStats(report as unknown as ReadonlyMap<string, unknown>, transport.slotOf, stats.value.get(id))] as const
      }))
      stats.value = new Map(readings.filter(one => one !== undefined))
    } catch {
      // A connection that closed while it was read has no statistics.
    } finally {
      reading = false
    }
  }

  useIntervalFn(read, options.interval ?? 2_000)
  return { stats }
}
