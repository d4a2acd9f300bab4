import DOMPurify from 'dompurify'
import { SAFE_ADDRESS } from '#shared/text/addresses'
import { parser } from '#shared/text/markdown'
import type { MarkdownEnv } from '#shared/text/markdown'
import { rows } from '../locales/rows.en'
import { momentName } from './time'

// Images stay links, because nothing may be fetched from elsewhere by reading a message.
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
parser.renderer.rules.fence = (tokens, index) => `<pre dir="ltr"><code>${parser.utils.escapeHtml(tokens[index]!.content)}</code></pre>`
parser.renderer.rules.code_inline = (tokens, index) => `<code dir="ltr">${parser.utils.escapeHtml(tokens[index]!.content)}</code>`
parser.renderer.rules.mention = (tokens, index) => `<mark dir="auto">${parser.utils.escapeHtml(tokens[index]!.content)}</mark>`
parser.renderer.rules.moment = (tokens, index) => {
  const at = tokens[index]!.content
  return `<time datetime="${parser.utils.escapeHtml(at)}">${parser.utils.escapeHtml(Number.isNaN(Date.parse(at)) ? at : momentName(at))}</time>`
}
parser.renderer.rules.task = (tokens, index) => `<input type="checkbox" disabled aria-label="${rows.task(tokens[index]!.meta === true)}"${tokens[index]!.meta === true ? ' checked' : ''}>`

const PURIFY = {
  ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'input', 'li', 'mark', 'ol', 'p', 'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'time', 'tr', 'ul'],
  ALLOWED_ATTR: ['href', 'target', 'rel', 'start', 'dir', 'type', 'disabled', 'checked', 'aria-label', 'datetime'],
  ALLOWED_URI_REGEXP: SAFE_ADDRESS,
  // The pattern above is meant for addresses; these are none and would be dropped by it.
  ADD_URI_SAFE_ATTR: ['target', 'rel', 'start', 'dir', 'type', 'disabled', 'checked', 'aria-label', 'datetime'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

/** A piece of a message: HTML that is safe to insert, or the text of a code block. */
export type Segment = { kind: 'html', html: string } | { kind: 'code', code: string, language: string }

export interface MarkdownOptions extends MarkdownEnv {
  /** One segment for each paragraph, list and so on, so that a text that grows changes only its last one. */
  blocks?: boolean
}

/**
 * Turns a message's text into segments. HTML is escaped by the parser and checked again by a sanitiser that knows only a few
 * tags; code blocks come out as text, to be shown by a component. Only in the browser.
 */
export function renderMarkdown(text: string, options: MarkdownOptions = {}): Segment[] {
  const { segments } = laidOut(text, options)
  return options.growing ? segments : orTyped(text, segments)
}

/** Rules alone say nothing: a message of nothing else was meant as it was typed. */
function orTyped(text: string, segments: Segment[]): Segment[] {
  if (!segments.every(segment => segment.kind === 'html' && /^(?:\s|<hr>)*$/.test(segment.html))) return segments
  return text.trim() === '' ? [] : [{ kind: 'html', html: `<p dir="auto">${parser.utils.escapeHtml(text.trim()).replaceAll('\n', '<br>')}</p>` }]
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
    const { segments, lastLine, lastCount } = laidOut(text.slice(settled.text.length), { mentions, blocks: true, times: true, growing: true })
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
