import { parser } from '#shared/text/markdown'
import type { MarkdownEnv } from '#shared/text/markdown'
import type { Piece } from './pieces'
import { piecesOf } from './pieces-of'

/** A piece of a message: words and elements of them, or the text of a code block. */
export type Segment = { kind: 'text', pieces: Piece[] } | { kind: 'code', code: string, language: string }

export interface MarkdownOptions extends MarkdownEnv {
  /** One segment for each paragraph, list and so on, so that a text that grows changes only its last one. */
  blocks?: boolean
}

/**
 * Turns a message's text into segments. HTML in it is text; code blocks come out as text too, to be shown by a component. Only in the
 * browser.
 */
export function renderMarkdown(text: string, options: MarkdownOptions = {}): Segment[] {
  const { segments } = laidOut(text, options)
  return options.growing ? segments : orTyped(text, segments)
}

/** Rules alone say nothing: a message of nothing else was meant as it was typed. */
function orTyped(text: string, segments: Segment[]): Segment[] {
  if (!segments.every(segment => segment.kind === 'text' && segment.pieces.every(piece => typeof piece !== 'string' && piece.tag === 'hr'))) return segments
  const children = text.trim().split('\n').flatMap((line, index) => index ? [{ tag: 'br' }, `\n${line}`] : [line])
  return text.trim() === '' ? [] : [{ kind: 'text', pieces: [{ tag: 'p', attrs: { dir: 'auto' }, children }] }]
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
    const pieces = piecesOf(tokens.slice(start, end))
    if (pieces.length > 0) segments.push({ kind: 'text', pieces })
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
