import type { FunctionalComponent, VNode } from 'vue'
import { h } from 'vue'

/** A piece of a laid out text: words, or an element with pieces in it. */
export type Piece = string | { tag: string, attrs?: Record<string, string | boolean>, children?: Piece[] }

function drawn(pieces: readonly Piece[]): (VNode | string)[] {
  return pieces.map(piece => typeof piece === 'string' ? piece : h(piece.tag, piece.attrs, piece.children && drawn(piece.children)))
}

/** Draws pieces. One that stays what it is stays in the page, also while those after it grow. */
export const TextPieces: FunctionalComponent<{ pieces: readonly Piece[] }> = ({ pieces }) => drawn(pieces)
TextPieces.props = ['pieces']
