/** Gives one of a few places, with what gives it back; nothing where none is left. */
export type HeldPlace = () => Promise<(() => void) | undefined>

/** How many requests of a kind all tabs of a browser may hold open: of its six, some are to be free. */
const PLACES = { answer: 2, line: 3 }

/**
 * Places for requests that stay open, over all tabs of a browser profile: over HTTP/1.1 it opens six connections to a server, and a
 * page whose tabs held them all could neither send nor load. The browser takes the place from a tab that is gone.
 *
 * @param kind what is read: an agent's answer, or the chat's own where the tabs cannot read together
 * @param locks where there are none nobody can tell who holds what, and there is no place
 */
export function createHeldPlace(kind: keyof typeof PLACES, locks: Pick<LockManager, 'request'> | undefined): HeldPlace {
  return async () => {
    for (let n = 0; locks && n < PLACES[kind]; n++) {
      const leave = await take(locks, `lastra:held:${kind}:${n}`)
      if (leave) return leave
    }
    return undefined
  }
}

function take(locks: Pick<LockManager, 'request'>, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(undefined)
      return new Promise<void>(leave => resolve(leave))
    }).catch(() => resolve(undefined))
  })
}
