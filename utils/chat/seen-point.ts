/** What a reader sees at a height of the page: a character of a text, or a thing that is no text, such as a picture. */
export interface SeenPoint { readonly node: Node, readonly index: number }

function boxOf(node: Node, index?: number): DOMRect {
  if (node instanceof Element) return node.getBoundingClientRect()
  const range = document.createRange()
  range.selectNodeContents(node)
  const length = node.nodeValue?.length ?? 0
  if (index !== undefined) {
    range.setStart(node, Math.min(index, length))
    range.setEnd(node, Math.min(index + 1, length))
  }
  return range.getBoundingClientRect()
}

/**
 * Finds what is seen of an element at a height, or next below it.
 *
 * @param y pixels from the upper edge of the window
 * @returns the first character of the line that ends below that height, or the thing that does; undefined where all ends above
 */
export function seenAt(element: Element, y: number): SeenPoint | undefined {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.firstChild) continue
    const box = boxOf(node)
    if (box.height === 0 || box.bottom <= y) continue
    if (node instanceof Element) return { node, index: 0 }
    let [low, high] = [0, (node.nodeValue?.length ?? 1) - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (boxOf(node, middle).bottom > y) high = middle
      else low = middle + 1
    }
    return { node, index: low }
  }
}

/** Where a point is now, in pixels from the upper edge of the window; undefined where it is no longer on the page. */
export function topOfPoint({ node, index }: SeenPoint): number | undefined {
  if (!node.isConnected) return undefined
  const box = boxOf(node, index)
  return box.height === 0 ? undefined : box.top
}
