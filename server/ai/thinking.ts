import { LIMITS } from '#shared/protocol/limits'

/** A piece of an answer: what is said, what is only thought, or that all that was said before it was thought too. */
export type Piece = { kind: 'said' | 'thought', text: string } | { kind: 'recast' }

/** What tells thinking from words, and what tells code, in which neither counts. */
const MARKS = /<(\/?)(?:think|thinking|thought)>|`+|~{3,}|\n/gi
/** What may yet become one of them. */
const OPEN_END = /(?:<\/?[a-z]{0,8}|`{1,64}|~{1,64})$/i
const CLOSING = /<\/(?:think|thinking|thought)>/i

/**
 * Tells what a model thinks from what it says, where it marks the first with `<think>…</think>` (also `<thinking>`, `<thought>`),
 * as text comes in pieces that may end in the middle of a mark (AI-8).
 *
 * - An opening mark counts outside code. With nothing said before it, thinking begins at once. Later its words are held until the
 *   closing one comes; without one it was no mark, and all of it is said.
 * - A closing mark ends thinking. Opening marks inside thinking are part of it.
 * - A closing mark without an opening one, outside code: what was said before was thinking too. So end the streams of models
 *   whose opening mark stands in their prompt, and so end nested marks.
 * - Thinking that is never closed, and began before anything was said, is thinking to its end.
 */
export class ThinkSplitter {
  private rest = ''
  private isThinking = false
  /** Words behind a mark that is none unless it is closed; the mark is the first of them. */
  private held?: string
  private hasSaid = false
  /** White space between thinking and the first word is nobody's. */
  private trims = false
  private fence?: string
  private ticks?: number
  private isLineEmpty = true

  /** @param text the next words @returns what they are, in order */
  hear(text: string): Piece[] {
    const pieces: Piece[] = []
    let input = this.rest + text
    this.rest = ''
    while (input !== '') input = this.isThinking || this.held !== undefined ? this.think(input, pieces) : this.say(input, pieces)
    return pieces
  }

  /** @returns what was held back, once nothing more comes */
  end(): Piece[] {
    const pieces: Piece[] = []
    const left = this.rest
    this.rest = ''
    if (this.held !== undefined) this.push(pieces, 'said', this.held + left)
    else this.push(pieces, this.isThinking ? 'thought' : 'said', left)
    this.held = undefined
    return pieces
  }

  /** Takes thinking from the front of the input. @returns what is left of it */
  private think(input: string, pieces: Piece[]): string {
    const closing = CLOSING.exec(input)
    const thought = closing ? input.slice(0, closing.index) : this.keepingOpenEnd(input)
    if (this.held === undefined) {
      this.push(pieces, 'thought', thought)
    } else {
      this.held += thought
      // Nobody holds more than an answer may have: so long a text behind a mark is thinking.
      if (closing || this.held.length > LIMITS.textBytes) {
        this.push(pieces, 'thought', this.held.replace(/^<[a-z]+>/i, ''))
        this.held = undefined
        this.isThinking = true
      }
    }
    if (!closing) return ''
    this.isThinking = false
    this.trims = !this.hasSaid
    return input.slice(closing.index + closing[0].length)
  }

  /** Takes what is said from the front of the input, up to a mark. @returns what is left of it */
  private say(input: string, pieces: Piece[]): string {
    const settled = this.keepingOpenEnd(input)
    let from = 0
    for (const mark of settled.matchAll(MARKS)) {
      const [text, slash] = mark
      if (settled.slice(from, mark.index).trim() !== '') this.isLineEmpty = false
      if (text.startsWith('<') && this.fence === undefined && this.ticks === undefined) {
        this.push(pieces, 'said', settled.slice(0, mark.index))
        const after = settled.slice(mark.index + text.length) + this.rest
        this.rest = ''
        if (slash === '/') {
          pieces.push({ kind: 'recast' })
          this.hasSaid = false
          this.trims = true
        } else if (this.hasSaid) {
          this.held = text
        } else {
          this.isThinking = true
        }
        return after
      }
      this.mark(text)
      from = mark.index + text.length
    }
    if (settled.slice(from).trim() !== '') this.isLineEmpty = false
    this.push(pieces, 'said', settled)
    return ''
  }

  /** Follows where code begins and ends. */
  private mark(text: string): void {
    if (text === '\n') {
      // Code inside a line ends with its paragraph.
      if (this.isLineEmpty) this.ticks = undefined
      this.isLineEmpty = true
    } else if (this.fence !== undefined) {
      if (this.isLineEmpty && text.startsWith(this.fence)) this.fence = undefined
    } else if (text.length >= 3 && this.isLineEmpty) {
      this.fence = text
    } else if (text.startsWith('`')) {
      this.ticks = this.ticks === undefined ? text.length : this.ticks === text.length ? undefined : this.ticks
    }
    if (text !== '\n') this.isLineEmpty = false
  }

  /** Holds back what may be the beginning of a mark. @returns the text before it */
  private keepingOpenEnd(input: string): string {
    const end = OPEN_END.exec(input.slice(-64))
    this.rest = end ? end[0] : ''
    return end ? input.slice(0, input.length - end[0].length) : input
  }

  private push(pieces: Piece[], kind: 'said' | 'thought', words: string): void {
    let text = words
    if (kind === 'said' && this.trims) text = text.trimStart()
    if (text === '') return
    if (kind === 'said') {
      this.trims = false
      if (text.trim() !== '') this.hasSaid = true
    }
    pieces.push({ kind, text })
  }
}
