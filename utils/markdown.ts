import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'

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
parser.validateLink = href => /^(?:https?:|mailto:)/i.test(href.trim())

const PURIFY = {
  ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'li', 'ol', 'p', 'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
  ALLOWED_ATTR: ['href', 'target', 'rel', 'start'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  // The pattern above is meant for addresses; these are none and would be dropped by it.
  ADD_URI_SAFE_ATTR: ['target', 'rel', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

/** A piece of a message: HTML that is safe to insert, or the text of a code block. */
export type Segment = { kind: 'html', html: string } | { kind: 'code', code: string, language: string }

/**
 * Turns a message's text into segments. HTML is escaped by the parser and checked again by a sanitiser that knows only a few
 * tags; code blocks come out as text, to be shown by a component. Only in the browser.
 */
export function renderMarkdown(text: string): Segment[] {
  const env = {}
  const tokens = parser.parse(text, env)
  const segments: Segment[] = []
  let start = 0
  const flush = (end: number) => {
    const html = DOMPurify.sanitize(parser.renderer.render(tokens.slice(start, end), parser.options, env), PURIFY)
    if (html.trim()) segments.push({ kind: 'html', html })
    start = end + 1
  }
  tokens.forEach((token, index) => {
    if (token.level !== 0 || (token.type !== 'fence' && token.type !== 'code_block')) return
    flush(index)
    segments.push({ kind: 'code', code: token.content.replace(/\n$/, ''), language: token.info.trim().split(/\s+/)[0]!.toLowerCase().slice(0, 32) })
  })
  flush(tokens.length)
  return segments
}
