/** Runs a task while no other holder of the name runs one. */
export type Exclusive = (name: string, task: () => Promise<void>) => Promise<void>

/**
 * One task at a time over all tabs, by Web Locks; the browser takes the lock from a tab that is gone. Where there are none
 * (not on plain HTTP) every tab is on its own.
 *
 * @param signal ends the waiting; a task that runs is not ended
 */
export function createExclusive(locks: Pick<LockManager, 'request'> | undefined, signal?: AbortSignal): Exclusive {
  return async (name, task) => {
    if (!locks) return task()
    let started = false
    try {
      await locks.request(name, { signal }, () => {
        started = true
        return task()
      })
    } catch (error) {
      if (started) throw error
      if (!signal?.aborted) await task()
    }
  }
}
