/**
 * Makes a text that is still being written look like what it is about to become: marks that are open are closed, and those
 * that may yet turn out to be something else are held back. What stands before the last paragraph is not touched.
 */
export function completed(text: string): string {
  if (insideFence(text)) return text.replace(/\n[ ]{0,3}(?:`{1,2}|~{1,2})$/, '')
  const at = text.lastIndexOf('\n\n') + 1
  const [before, last] = [text.slice(0, at), text.slice(at)]
  const shown = last
    // A line of dashes or one sign would make a heading of the line above it, or a rule.
    .replace(/\n[ \t]*(?:[-=*_#>|+]|--+|==+|\d+[.)]?)[ \t]*$/, '')
    .replace(/(^|\n)(?:`{1,2}|~{1,2})$/, '$1')
  return before + closed(shown)
}

function insideFence(text: string): boolean {
  let open: string | undefined
  for (const [, fence] of text.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    if (open === undefined) open = fence
    else if (fence!.startsWith(open)) open = undefined
  }
  return open !== undefined
}

/** Closes what one paragraph leaves open. */
function closed(paragraph: string): string {
  const code = paragraph.split('`')
  // An odd number of ticks: what follows the last one is code, and nothing in it is a mark.
  if (code.length % 2 === 0) return code.at(-1) === '' ? paragraph.slice(0, -1) : `${paragraph}\``
  let text = withoutOpenLabel(withoutOpenAddress(paragraph).replace(/<(https?:[^<>\s]*)$/, '$1'))
    .replace(/(^|[\s([])(?:\*{1,3}|_{1,3}|~{1,2})$/, '$1')
  const plain = text.replace(/`[^`]*`/g, '').replace(/^[ \t]*[*+-][ \t]/gm, '')
  const tail = text.slice(text.trimEnd().length)
  text = text.slice(0, text.length - tail.length)
  for (const mark of ['**', '~~'] as const) {
    if ((plain.split(mark).length - 1) % 2 === 0) continue
    // Half of the closing mark may already be there.
    text = text.endsWith(mark[0]!) && !text.endsWith(mark) ? `${text}${mark[0]}` : `${text}${mark}`
  }
  const single = plain.replaceAll('**', '').replace(/\*$/, match => text.endsWith('**') ? '' : match)
  if ((single.split('*').length - 1) % 2 === 1) text += '*'
  return text + tail
}

/** An address that is not whole yet. It may hold parentheses, and a title may follow it: until its own closing one is there, only the words show. */
const OPEN_ADDRESS = /^(?:[^()\s]|\([^()\s]*\))*(?:\([^()\s]*)?(?:\s+(?:["'][^\n]*)?)?$/
/** In a text that is being written, only the last of its links can be open; more are looked at for addresses that look like one. */
const LINKS_LOOKED_AT = 8

function withoutOpenAddress(text: string): string {
  let opening = text.length
  for (let n = 0; n < LINKS_LOOKED_AT; n++) {
    opening = opening > 0 ? text.lastIndexOf('](', opening - 1) : -1
    if (opening < 0) return text
    const label = labelBefore(text, opening)
    if (label && OPEN_ADDRESS.test(text.slice(opening + 2))) return text.slice(0, label.from) + text.slice(label.words, opening)
  }
  return text
}

/** The words of a link whose bracket, or address, is still to come. */
function withoutOpenLabel(text: string): string {
  const end = text.endsWith(']') ? text.length - 1 : text.length
  const label = labelBefore(text, end)
  return label ? text.slice(0, label.from) + text.slice(label.words, end) : text
}

/** Where the words begin that stand in an opening bracket before a place, and where what marks them does. */
function labelBefore(text: string, end: number): { from: number, words: number } | undefined {
  if (end === 0) return undefined
  const after = Math.max(text.lastIndexOf('\n', end - 1), text.lastIndexOf(']', end - 1)) + 1
  const bracket = text.indexOf('[', after)
  if (bracket < 0 || bracket >= end) return undefined
  return { from: text[bracket - 1] === '!' ? bracket - 1 : bracket, words: bracket + 1 }
}
