import type { KeyValue } from './storage'

/** What is kept in this browser for a person, by the place it belongs to. */
export type Kept = 'draft' | 'unsent' | 'read' | 'edit'

/** The key of something kept for a person: another one in the same browser has another. Without a person it is nobody's. */
export function keptKey(what: Kept, userId: string, place: string): string {
  return userId ? `lastra:${what}:${userId}:${place}` : `lastra:${what}:${place}`
}

/** What is kept for a person. What is nobody's, such as what was written before one had a name, is the first one's who asks. */
export function readKept(storage: KeyValue, what: Kept, userId: string, place: string): string {
  const key = keptKey(what, userId, place)
  const unowned = keptKey(what, '', place)
  const before = storage.getItem(unowned)
  if (before !== null && userId) {
    storage.removeItem(unowned)
    if (storage.getItem(key) === null) storage.setItem(key, before)
  }
  return storage.getItem(key) ?? ''
}

/** Keeps something, or forgets it where it is empty. */
export function writeKept(storage: KeyValue, what: Kept, userId: string, place: string, value: string): void {
  if (value) storage.setItem(keptKey(what, userId, place), value)
  else storage.removeItem(keptKey(what, userId, place))
}

/** Hands drafts of one whose session ran out to who they are now. The new one's own stay. */
export function moveKept(storage: Storage, from: string, to: string): void {
  for (const what of ['draft', 'unsent'] as const) {
    const prefix = keptKey(what, from, '')
    for (const key of Object.keys(storage).filter(key => key.startsWith(prefix))) {
      const next = keptKey(what, to, key.slice(prefix.length))
      const value = storage.getItem(key)
      if (value !== null && storage.getItem(next) === null) storage.setItem(next, value)
      storage.removeItem(key)
    }
  }
}
