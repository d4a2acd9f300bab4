/** The part of `Storage` that is used. */
export type KeyValue = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The browser's storage, or nothing at all where it is absent, forbidden or full: none of it is needed to talk. */
export function safeStorage(kind: 'local' | 'session'): KeyValue {
  const attempt = <T>(use: (storage: Storage) => T, otherwise: T): T => {
    try {
      return use(kind === 'local' ? globalThis.localStorage : globalThis.sessionStorage)
    } catch {
      return otherwise
    }
  }
  return {
    getItem: key => attempt(storage => storage.getItem(key), null),
    setItem: (key, value) => attempt(storage => storage.setItem(key, value), undefined),
    removeItem: key => attempt(storage => storage.removeItem(key), undefined),
  }
}

/** Whether this browser keeps what a page gives it to keep. */
export function canKeep(): boolean {
  try {
    const key = 'lastra:probe'
    globalThis.localStorage.setItem(key, '1')
    globalThis.localStorage.removeItem(key)
    return true
  } catch {
    return false
  }
}

/** What a browser may lack, forbid or throw at; nothing then. */
export function orNothing<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch {
    return undefined
  }
}
