import type { OutboxItem } from './outbox-item'

type Change = (message: OutboxItem) => OutboxItem | undefined

/** Where messages wait. Everything may fail; the outbox goes on with what it holds in memory. */
export interface OutboxStorage {
  /** Everything a user has waiting, in the order it was written, whichever tab wrote it. */
  all: (userId: string) => Promise<OutboxItem[]>
  /** Puts a message at the end. */
  add: (message: OutboxItem) => Promise<void>
  /**
   * Changes a message with nothing in between reading and writing it; a change to nothing removes it.
   *
   * @returns what it is now; undefined when it is no longer there
   */
  change: (id: string, change: Change) => Promise<OutboxItem | undefined>
  /** Forgets what other users left here: what is older than a time, and the oldest when there is too much. */
  tidy: (userId: string, before: string, most: number) => Promise<void>
}

/** Those of other users' messages, oldest first, that {@link OutboxStorage.tidy} forgets. */
export function overdue<T extends Pick<OutboxItem, 'timestamp'>>(others: readonly T[], before: string, most: number): T[] {
  return others.filter((message, n) => message.timestamp < before || n < others.length - most)
}

/** Keeps messages as long as the page lives. */
export function memoryOutbox(): OutboxStorage {
  const messages = new Map<string, OutboxItem>()
  return {
    all: async userId => [...messages.values()].filter(message => message.userId === userId),
    add: async message => void messages.set(message.client_msg_id, message),
    async change(id, change) {
      const before = messages.get(id)
      const after = before && change(before)
      if (after) messages.set(id, after)
      else messages.delete(id)
      return after
    },
    async tidy(userId, before, most) {
      const others = [...messages.values()].filter(message => message.userId !== userId)
      for (const { client_msg_id } of overdue(others, before, most)) messages.delete(client_msg_id)
    },
  }
}

/**
 * A storage that can be had always: what the real one does not take, because it is forbidden, full or does not answer,
 * waits in memory.
 *
 * @param open opens the real one
 * @param patienceMs how long that may take
 */
export function sureOutbox(open: () => Promise<OutboxStorage>, patienceMs = 2_000): OutboxStorage {
  const memory = memoryOutbox()
  /** Messages on their way in, and whether they had to stay in memory. */
  const adding = new Map<string, Promise<unknown>>()
  const unsaved = new Set<string>()
  let opening: Promise<OutboxStorage> | undefined

  function real(): Promise<OutboxStorage> {
    return opening ??= new Promise<OutboxStorage>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the storage does not answer')), patienceMs)
      open().then(resolve, reject).finally(() => clearTimeout(timer))
    }).catch(() => memory)
  }

  return {
    async all(userId) {
      const storage = await real()
      const kept = await storage.all(userId)
      return storage === memory ? kept : [...kept, ...await memory.all(userId)]
    },
    add(message) {
      const id = message.client_msg_id
      const work = real().then(storage => storage.add(message)).catch(() => {
        unsaved.add(id)
        return memory.add(message)
      }).finally(() => adding.delete(id))
      adding.set(id, work)
      return work
    },
    async change(id, change) {
      await adding.get(id)
      return (unsaved.has(id) ? memory : await real()).change(id, change)
    },
    async tidy(...args) {
      await (await real()).tidy(...args)
    },
  }
}
