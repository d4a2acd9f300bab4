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
  let text = paragraph
    // An address may hold parentheses, and a title may follow it: until its own closing one is there, only the words show.
    .replace(/!?\[([^\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\([^()\s]*)?(?:\s+(?:["'][^\n]*)?)?$/, '$1')
    .replace(/<(https?:[^<>\s]*)$/, '$1')
    .replace(/!?\[([^\]\n]*)\]?$/, '$1')
    .replace(/(^|[\s([])(?:\*{1,3}|_{1,3}|~{1,2})$/, '$1')
  const plain = text.replace(/`[^`]*`/g, '').replace(/^[ \t]*[*+-][ \t]/gm, '')
  const tail = /\s+$/.exec(text)?.[0] ?? ''
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
