import type { Token } from 'markdown-it'
import { SAFE_ADDRESS } from '#shared/text/addresses'
import { rows } from '../../locales/rows.en'
import type { Piece } from './pieces'
import { momentName } from '../app/time'

/** Whatever a grammar may come to make, no other element is made of a text. */
const TAGS = new Set([
  'a', 'blockquote', 'br', 'code', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'input', 'li', 'mark', 'ol', 'p', 'pre', 's', 'strong',
  'table', 'tbody', 'td', 'th', 'thead', 'time', 'tr', 'ul',
])

function link(href: string, children: Piece[]): Piece {
  // What leads nowhere that is safe is words.
  return { tag: 'a', attrs: SAFE_ADDRESS.test(href) ? { href, target: '_blank', rel: 'noopener nofollow' } : {}, children }
}

function code(text: string): Piece {
  return { tag: 'code', attrs: { dir: 'ltr' }, children: [text] }
}

function pre({ content }: Token): Piece[] {
  return [{ tag: 'pre', attrs: { dir: 'ltr' }, children: [{ tag: 'code', children: [content] }] }]
}

const lineEnd = (): Piece[] => [{ tag: 'br' }, '\n']

/** What stands for a token that holds no others. Of one that is not named, its text. */
const LEAVES: Record<string, (token: Token) => Piece[]> = {
  inline: token => piecesOf(token.children ?? []),
  softbreak: lineEnd,
  hardbreak: lineEnd,
  hr: () => [{ tag: 'hr' }],
  // Inside lists and quotes; at the top level a component shows code. The language's name is of no use there.
  fence: pre,
  code_block: pre,
  code_inline: ({ content }) => [code(content)],
  mention: ({ content }) => [{ tag: 'mark', attrs: { dir: 'auto' }, children: [content] }],
  moment: ({ content }) => [{ tag: 'time', attrs: { datetime: content }, children: [Number.isNaN(Date.parse(content)) ? content : momentName(content)] }],
  task: ({ meta }) => [{ tag: 'input', attrs: { 'type': 'checkbox', 'disabled': true, 'checked': meta === true, 'aria-label': rows.task(meta === true) } }],
  // Images stay links, because nothing may be fetched from elsewhere by reading a message.
  image: (token) => {
    const href = token.attrGet('src') ?? ''
    return [link(href, [token.content || href])]
  },
}

function opened(token: Token, children: Piece[]): Piece {
  if (token.tag === 'a') return link(token.attrGet('href') ?? '', children)
  const attrs = Object.fromEntries((token.attrs ?? []).filter(([name]) => name === 'dir' || name === 'start'))
  return { tag: token.tag, attrs, children }
}

/** Turns the grammar's tokens into pieces. No HTML is written or read on the way: text can become nothing but text. */
export function piecesOf(tokens: readonly Token[]): Piece[] {
  const root: Piece[] = []
  const open = [root]
  for (const token of tokens) {
    const inside = open.at(-1) ?? root
    if (token.nesting === -1) {
      open.pop()
    } else if (token.nesting === 0) {
      inside.push(...LEAVES[token.type]?.(token) ?? (token.content ? [token.content] : []))
    } else if (token.hidden || !TAGS.has(token.tag)) {
      open.push(inside)
    } else {
      const children: Piece[] = []
      inside.push(opened(token, children))
      open.push(children)
    }
  }
  return root
}
