import MarkdownIt from 'markdown-it'
import type { StateCore, Token } from 'markdown-it'
import { SAFE_ADDRESS } from './addresses'
import { directionOf, isVisible } from './visible'

/** How a text is read. */
export interface MarkdownEnv {
  /** What finds the people and bots a text names. */
  mentions?: RegExp
  /** Whether moments, in ISO 8601, are found in it: those are shown by the reader's clock. */
  times?: boolean
  /** The text still grows: what shows nothing yet is no mistake. */
  growing?: boolean
}

/** As many quotations and lists may stand in each other; what is deeper stands in the last of them. */
export const NESTING_MAX = 6

/**
 * Markdown as people write it in a chat, one grammar for page and server: HTML is text, a newline is a newline, and an address is
 * a link only where somebody meant one: with a scheme, with `www.`, or as a mail address.
 */
export const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false }).disable('reference')

parser.validateLink = href => SAFE_ADDRESS.test(href.trim())

const matchLinks = parser.linkify.match.bind(parser.linkify)
parser.linkify.match = (text) => {
  // Without a scheme, `README.md` and `Node.js` would be addresses: of strangers.
  return matchLinks(text)?.filter(({ schema, text }) => schema !== '' || /^www\.[^.]/i.test(text)) ?? []
}

/** The tokens of a text. */
export function parsed(text: string, env: MarkdownEnv = {}): Token[] {
  return parser.parse(text, env)
}

/** Visits what a text is made of, inside out of its blocks, and whether it stands in the words of a link. */
export function walked(tokens: readonly Token[], visit: (token: Token, inLink: boolean) => void): void {
  for (const token of tokens) {
    let links = 0
    if (token.type !== 'inline') visit(token, false)
    for (const child of token.children ?? []) {
      if (child.type === 'link_close') links--
      visit(child, links > 0)
      if (child.type === 'link_open') links++
    }
  }
}

/** The words of a text without its markup, as they stand; one line, for quotes and announcements. */
export function wordsOf(tokens: readonly Token[]): string {
  let words = ''
  walked(tokens, (token) => {
    if (['text', 'mention', 'moment', 'code_inline', 'image', 'fence', 'code_block'].includes(token.type)) words += token.content
    else if (token.type === 'task') words += token.meta === true ? '☑ ' : '☐ '
    else if (!/^(?:link|em|strong|s)_/.test(token.type)) words += ' '
  })
  return words.replace(/\s+/g, ' ').trim()
}

parser.core.ruler.push('depth', ({ tokens }) => {
  const kept: boolean[] = []
  let depth = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    const container = /^(?:blockquote|bullet_list|ordered_list|list_item)_(?:open|close)$/.test(token.type)
    if (!container) {
      if (depth > NESTING_MAX && token.type.startsWith('paragraph')) token.hidden = false
      continue
    }
    const item = token.type.startsWith('list_item')
    if (token.nesting === 1) {
      if (!item) depth++
      kept.push(depth <= NESTING_MAX)
    }
    const keep = token.nesting === 1 ? kept.at(-1)! : kept.pop()!
    if (token.nesting === -1 && !item) depth--
    if (!keep) tokens.splice(index--, 1)
  }
})

// A list of tasks: its boxes, to be looked at. A link without words shows where it leads.
parser.core.ruler.push('tasks', ({ tokens, Token }) => {
  tokens.forEach((token, index) => {
    if (token.type !== 'inline' || !token.children) return
    const first = token.children[0]
    const box = first?.type === 'text' && tokens[index - 2]?.type === 'list_item_open' ? /^\[([ xX])\](?:\s|$)/.exec(first.content) : null
    if (box) {
      first!.content = first!.content.slice(box[0].length)
      token.children.unshift(Object.assign(new Token('task', '', 0), { meta: box[1] !== ' ' }))
    }
    token.children = token.children.flatMap((child, at, all) => child.type === 'link_open' && all[at + 1]?.type === 'link_close'
      ? [child, Object.assign(new Token('text', '', 0), { content: child.attrGet('href') ?? '' })]
      : [child])
  })
})

// What would show nothing, such as a lone `#` or `>`, shows as it was typed.
parser.core.ruler.push('visible', ({ tokens, env, src, Token }) => {
  if ((env as MarkdownEnv).growing) return
  const lines = src.split('\n')
  for (let start = 0; start < tokens.length; start++) {
    const [open, end] = [tokens[start]!, endOf(tokens, start)]
    const block = tokens.slice(start, end)
    if (open.type !== 'hr' && !block.some(token => token.type === 'hr') && open.map && !shows(block)) {
      tokens.splice(start, end - start, ...asTyped(lines.slice(...open.map), open.map, Token))
      start += 2
    } else {
      start = end - 1
    }
  }
})

function endOf(tokens: readonly Token[], start: number): number {
  let level = 0
  for (let index = start; index < tokens.length; index++) {
    level += tokens[index]!.nesting
    if (level <= 0) return index + 1
  }
  return tokens.length
}

function shows(tokens: readonly Token[]): boolean {
  let seen = false
  walked(tokens, (token) => {
    seen ||= token.type === 'task' || (token.type === 'image' ? (token.attrGet('src') ?? '') !== '' : token.type !== 'inline' && isVisible(token.content))
  })
  return seen
}

function asTyped(lines: readonly string[], map: [number, number], Token: StateCore['Token']): Token[] {
  const children = lines.join('\n').trimEnd().split('\n').flatMap((line, index) => [
    ...index > 0 ? [new Token('softbreak', 'br', 0)] : [],
    Object.assign(new Token('text', '', 0), { content: line }),
  ])
  return [
    Object.assign(new Token('paragraph_open', 'p', 1), { block: true, map }),
    Object.assign(new Token('inline', '', 0), { block: true, level: 1, content: lines.join('\n'), children, map }),
    Object.assign(new Token('paragraph_close', 'p', -1), { block: true }),
  ]
}

const MOMENT = /(^|[\s(])(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)(?![\p{L}\p{N}])/gu

parser.core.ruler.push('found', ({ tokens, env, Token }) => {
  const { mentions, times } = env as MarkdownEnv
  if (mentions) split(tokens, 'mention', mentions, Token)
  if (times) split(tokens, 'moment', MOMENT, Token)
})

/** Makes tokens of their own of what a pattern finds in the text outside of links and code; its first group stands before it. */
function split(tokens: Token[], type: string, pattern: RegExp, Token: StateCore['Token']): void {
  for (const block of tokens) {
    let links = 0
    block.children = block.children?.flatMap((token) => {
      links += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0
      return token.type === 'text' && links === 0 ? pieces(token, type, pattern, Token) : [token]
    }) ?? null
  }
}

function pieces(token: Token, type: string, pattern: RegExp, Token: StateCore['Token']): Token[] {
  const { content } = token
  const tokens: Token[] = []
  let from = 0
  const put = (as: string, to: number) => {
    if (to > from) tokens.push(Object.assign(new Token(as, '', 0), { content: content.slice(from, to) }))
    from = to
  }
  for (const match of content.matchAll(pattern)) {
    put('text', match.index + match[1]!.length)
    put(type, match.index + match[0].length)
  }
  if (from === 0) return [token]
  put('text', content.length)
  return tokens
}

// Each block runs the way its own letters do; lists and quotations, whose marks stand outside their text, the way their first letter does.
parser.core.ruler.push('direction', ({ tokens }) => {
  tokens.forEach((token, index) => {
    if (token.nesting !== 1) return
    if (/^(?:paragraph|heading|list_item|th|td)_open$/.test(token.type)) token.attrSet('dir', 'auto')
    if (/^(?:blockquote|bullet_list|ordered_list|table)_open$/.test(token.type)) token.attrSet('dir', directionOf(wordsOf(tokens.slice(index, endOf(tokens, index)))))
  })
})
