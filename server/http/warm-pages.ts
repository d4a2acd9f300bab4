/** A page of each kind: the landing page, and a room as somebody without a name finds it. */
const PAGES = ['/', '/r/warm-up']
/** The first time loads the code, the second lets the engine compile what it saw. */
const ROUNDS = 2

/**
 * Renders a page of each kind before anybody asks for one. The first time takes half a second in a few long pieces, nearly all of it to
 * load code; that is better spent while nobody is here yet than while people talk.
 *
 * @param render renders the page at a path from within; what it brings is thrown away
 */
export async function warmPages(render: (path: string) => Promise<unknown>): Promise<void> {
  for (const path of Array.from({ length: ROUNDS }, () => PAGES).flat()) {
    await render(path).catch(() => undefined)
    await new Promise(resolve => setImmediate(resolve))
  }
}
