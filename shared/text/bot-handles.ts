/** A bot as far as it is called by something. */
interface Named { id: string, name: string }

/**
 * What calls the bots of a room after `@`, in small letters, and whom (AI-5): their ids, and their names where no bot's id and no
 * earlier bot's name is the same. Page and server go by it alike.
 */
export function botHandles(bots: readonly Named[]): Map<string, string> {
  const handles = new Map(bots.map(({ id }) => [id.toLowerCase(), id]))
  for (const { id, name } of bots) {
    const handle = name.toLowerCase()
    if (handle !== '' && !handles.has(handle)) handles.set(handle, id)
  }
  return handles
}

const ONE_WORD = /^[\p{L}\p{N}_-]+$/u

/** What is written to call a bot: its name where that is one word and calls it, else its id. */
export function handleOf({ id, name }: Named, handles: ReadonlyMap<string, string>): string {
  const handle = name.toLowerCase()
  return ONE_WORD.test(handle) && handles.get(handle) === id ? handle : id
}
