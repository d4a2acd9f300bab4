import { withSingleSpaces } from './ends'
import type { Line } from './types'

/** A sentence somebody said. */
export interface Sentence {
  line: Line
  text: string
}

const CODE = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)/g
const QUOTATION = /^[^\S\n]*>.*$/gm
const ENDS = /(?<=[.!?…][)"'”’]?)\s+(?=["'“(¿¡]?[\p{Lu}\p{N}@])|(?<=[。！？])|\n+/u
const SENTENCES_OF_A_LINE = 40

/** What somebody said themselves, sentence by sentence: without blocks of code and what they quote of others. */
export function sentencesOf(line: Line): Sentence[] {
  return withSingleSpaces(own(line.text)).split(ENDS, SENTENCES_OF_A_LINE)
    .map(text => text.replace(/^\s*(?:[-*+]|\d+[.)])\s+|^\s*#{1,6}\s+/, '').trim())
    .filter(text => text !== '')
    .map(text => ({ line, text }))
}

/** A text without blocks of code and without the lines that quote somebody. */
export function own(text: string): string {
  return text.replace(CODE, '\n').replace(QUOTATION, '')
}
