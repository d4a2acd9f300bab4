import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import type { StateCore, Token } from 'markdown-it'
import { SAFE_ADDRESS } from './answers'

/**
 * Markdown as people write it in a chat: HTML is text, a newline is a newline, and images stay links, because nothing may be
 * fetched from elsewhere by reading a message.
 */
const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false }).disable('reference')

parser.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]!
  token.attrSet('target', '_blank')
  token.attrSet('rel', 'noopener nofollow')
  return self.renderToken(tokens, index, options)
}
parser.renderer.rules.image = (tokens, index) => {
  const token = tokens[index]!
  const href = parser.utils.escapeHtml(token.attrGet('src') ?? '')
  return `<a href="${href}" target="_blank" rel="noopener nofollow">${parser.utils.escapeHtml(token.content || href)}</a>`
}
// Inside lists and quotes; at the top level a component shows code. The language's name is of no use there.
parser.renderer.rules.fence = (tokens, index) => `<pre><code>${parser.utils.escapeHtml(tokens[index]!.content)}</code></pre>`
parser.renderer.rules.mention = (tokens, index) => `<mark>${parser.utils.escapeHtml(tokens[index]!.content)}</mark>`
parser.validateLink = href => SAFE_ADDRESS.test(href.trim())

parser.core.ruler.push('mentions', (state) => {
  const { mentions } = state.env as MarkdownOptions
  if (!mentions) return
  for (const block of state.tokens) {
    let links = 0
    block.children = block.children?.flatMap((token) => {
      links += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0
      return token.type === 'text' && links === 0 && token.content.includes('@') ? marked(token.content, mentions, state.Token) : [token]
    }) ?? null
  }
})

function marked(content: string, mentions: RegExp, Token: StateCore['Token']) {
  const tokens: Token[] = []
  let from = 0
  const put = (type: 'text' | 'mention', to: number) => {
    if (to > from) tokens.push(Object.assign(new Token(type, '', 0), { content: content.slice(from, to) }))
    from = to
  }
  for (const match of content.matchAll(mentions)) {
    put('text', match.index + match[1]!.length)
    put('mention', match.index + match[0].length)
  }
  put('text', content.length)
  return tokens
}

const PURIFY = {
  ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'li', 'mark', 'ol', 'p', 'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
  ALLOWED_ATTR: ['href', 'target', 'rel', 'start'],
  ALLOWED_URI_REGEXP: SAFE_ADDRESS,
  // The pattern above is meant for addresses; these are none and would be dropped by it.
  ADD_URI_SAFE_ATTR: ['target', 'rel', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

/** A piece of a message: HTML that is safe to insert, or the text of a code block. */
export type Segment = { kind: 'html', html: string } | { kind: 'code', code: string, language: string }

export interface MarkdownOptions {
  /** What finds the people and bots a text names. */
  mentions?: RegExp
  /** One segment for each paragraph, list and so on, so that a text that grows changes only its last one. */
  blocks?: boolean
}

/**
 * Turns a message's text into segments. HTML is escaped by the parser and checked again by a sanitiser that knows only a few
 * tags; code blocks come out as text, to be shown by a component. Only in the browser.
 */
export function renderMarkdown(text: string, options: MarkdownOptions = {}): Segment[] {
  return laidOut(text, options).segments
}

/**
 * Does the same with a text that grows, block by block: what stands before its last block stays as it was, for nothing that is
 * added can change it.
 */
export function createGrowingMarkdown(): (text: string, mentions?: RegExp) => Segment[] {
  let settled = { text: '', mentions: undefined as RegExp | undefined, segments: [] as Segment[] }
  return (given, mentions) => {
    // Lines are counted as the parser counts them.
    const text = given.replace(/\r\n?/g, '\n')
    if (!text.startsWith(settled.text) || mentions !== settled.mentions) settled = { text: '', mentions, segments: [] }
    const { segments, lastLine, lastCount } = laidOut(text.slice(settled.text.length), { mentions, blocks: true })
    const all = [...settled.segments, ...segments]
    const before = text.slice(settled.text.length).split('\n').slice(0, lastLine).map(line => `${line}\n`).join('')
    settled = { text: settled.text + before, mentions, segments: all.slice(0, all.length - lastCount) }
    return all
  }
}

/** The segments of a text, and of its last block the line it begins in and how many of them are its. */
function laidOut(text: string, options: MarkdownOptions): { segments: Segment[], lastLine: number, lastCount: number } {
  const tokens = parser.parse(text, options)
  const segments: Segment[] = []
  let start = 0
  let last = { line: 0, segments: 0 }
  const flush = (end: number) => {
    const html = DOMPurify.sanitize(parser.renderer.render(tokens.slice(start, end), parser.options, options), PURIFY)
    if (html.trim()) segments.push({ kind: 'html', html })
    start = end
  }
  tokens.forEach((token, index) => {
    if (token.level !== 0) return
    if (token.nesting >= 0) last = { line: token.map?.[0] ?? last.line, segments: segments.length }
    if (token.type === 'fence' || token.type === 'code_block') {
      flush(index)
      last.segments = segments.length
      start = index + 1
      segments.push({ kind: 'code', code: token.content.replace(/\n$/, ''), language: token.info.trim().split(/\s+/)[0]!.toLowerCase().slice(0, 32) })
    } else if (options.blocks && token.nesting <= 0) {
      flush(index + 1)
    }
  })
  flush(tokens.length)
  return { segments, lastLine: last.line, lastCount: segments.length - last.segments }
}
