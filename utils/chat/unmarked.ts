/** A pair of marks further apart is left as it stands, so that no text takes long. */
const PAIRS: readonly (readonly [RegExp, string])[] = [
  [/!?\[([^[\]]{0,500})\]\([^()\s]{0,2000}\)/g, '$1'],
  [/(\*\*|__|~~)(?=\S)(.{1,500}?)\1/g, '$2'],
  [/(?<![\w*\\])([*_])(?=\S)([^*_]{1,500})\1(?![\w*])/g, '$2'],
  [/\\([!-/:-@[-`{-~])/g, '$1'],
]

function withoutPairs(line: string): string {
  return line.split(/`([^`]+)`/).map((part, index) => index % 2 === 1 ? part : PAIRS.reduce((rest, [pair, kept]) => rest.replace(pair, kept), part)).join('')
}

/**
 * A text of markdown line by line, without the marks that are seen at a glance: what shows for the moment until the grammar is
 * there. It need not be right, only near: no mark that jumps away, and about as many lines.
 */
export function unmarked(text: string): string {
  let fenced = false
  const lines = text.split('\n').flatMap((line) => {
    if (/^\s{0,3}(?:```|~~~)/.test(line)) {
      fenced = !fenced
      return []
    }
    if (fenced) return [line]
    if (line.includes('--') && /^[\s|:-]*$/.test(line)) return []
    return [withoutPairs(line.replace(/^\s{0,3}(?:#{1,6}\s+|(?:>\s?)+)/, '').replace(/^(\s*)[-*+]\s+(?:\[[ x]\]\s+)?/i, '$1• '))]
  })
  return lines.join('\n').trim() || text
}
