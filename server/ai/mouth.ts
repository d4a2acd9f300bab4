import type { AnswerStream } from './answer-stream'
import type { Persona } from './persona'
import { Recital } from './recital'
import { ThinkSplitter } from './thinking'
import type { Piece } from './thinking'

/** What an engine's words go through before anybody hears them. */
export interface Mouth {
  /** Whether it began to say the persona's instructions. */
  readonly recited: boolean
  /** Takes words, in which thinking may be marked. */
  say: (text: string) => void
  /** Takes what the engine itself calls thinking. */
  think: (text: string) => void
  /** Nothing more comes. */
  end: () => void
}

/**
 * Parts what an engine says from what it thinks, and watches both for the persona's instructions: an answer that recites them ends
 * there; of thinking, which often does, the rest is left out.
 */
export function createMouth(stream: AnswerStream, { instructions }: Pick<Persona, 'instructions'>): Mouth {
  const splitter = new ThinkSplitter()
  const said = new Recital(instructions)
  const thought = new Recital(instructions)
  let recited = false

  function think(text: string): void {
    if (thought.finds(text)) stream.cutThinking()
    stream.think(text)
  }

  function take(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (recited) return
      if (piece.kind === 'recast') stream.recast()
      else if (piece.kind === 'thought') think(piece.text)
      else if (said.finds(piece.text)) recited = true
      else stream.push(piece.text)
    }
  }

  return {
    get recited() {
      return recited
    },
    say: text => take(splitter.hear(text)),
    think,
    end: () => take(splitter.end()),
  }
}
