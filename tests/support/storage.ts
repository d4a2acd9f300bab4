import type { KeyValue } from '../../utils/app/storage'

/** A storage as a browser's, of a test's own. */
export function memoryStorage(): KeyValue {
  const values = new Map<string, string>()
  return {
    getItem: key => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: key => void values.delete(key),
  }
}
