import type { DBSchema } from 'idb'
import { openDB } from 'idb'
import type { OutboxItem, PendingMessage } from './outbox-item'
import type { OutboxStorage } from './outbox-storage'
import { overdue } from './outbox-storage'

interface Schema extends DBSchema {
  messages: { key: number, value: Stored, indexes: { id: string, user: string } }
}

const NAME = 'lastra'
/** To the operating system at once, to the disk when it likes: a browser's end loses nothing, and nobody waits. */
const RELAXED = { durability: 'relaxed' } as const

/** As it is kept: what was written before there were other wishes than messages has no kind. */
type Stored = OutboxItem | Omit<PendingMessage, 'kind'> & { kind?: undefined }

/** An item as it is used here. Nothing for one of a kind that only a newer version of the product knows: it stays for that. */
function known(stored: Stored): OutboxItem | undefined {
  const item = stored.kind === undefined ? { ...stored, kind: 'message' as const } : stored
  return (['message', 'edit', 'delete', 'reaction'] satisfies OutboxItem['kind'][]).includes(item.kind) ? item : undefined
}

/**
 * Keeps messages and changes in this browser profile, over reloads and restarts, for all its tabs. Their order is that of a counter of
 * the database, so it is the same in every tab.
 *
 * @throws where the browser has no IndexedDB or forbids it
 */
export async function openIdbOutbox(): Promise<OutboxStorage> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade(database) {
      const store = database.createObjectStore('messages', { autoIncrement: true })
      store.createIndex('id', 'client_msg_id', { unique: true })
      store.createIndex('user', 'userId')
    },
    // A newer version of the product, in another tab, must not wait for this one.
    blocking: () => db.close(),
  })
  return {
    all: async userId => (await db.getAllFromIndex('messages', 'user', userId)).flatMap(stored => known(stored) ?? []),
    async add(message) {
      const transaction = db.transaction('messages', 'readwrite', RELAXED)
      await Promise.all([transaction.store.add(message), transaction.done])
    },
    async change(id, change) {
      const transaction = db.transaction('messages', 'readwrite', RELAXED)
      const cursor = await transaction.store.index('id').openCursor(id)
      const before = cursor ? known(cursor.value) : undefined
      const after = before ? change(before) : undefined
      if (cursor && before) await (after ? cursor.update(after) : cursor.delete())
      await transaction.done
      return after
    },
    async tidy(userId, before, most) {
      const transaction = db.transaction('messages', 'readwrite', RELAXED)
      const others = (await transaction.store.getAll()).filter(message => message.userId !== userId)
      const ids = new Set(overdue(others, before, most).map(message => message.client_msg_id))
      for (let cursor = ids.size > 0 ? await transaction.store.openCursor() : null; cursor; cursor = await cursor.continue()) {
        if (ids.has(cursor.value.client_msg_id)) await cursor.delete()
      }
      await transaction.done
    },
  }
}
