/** Begins what stands for a character that PostgreSQL takes in no text, and for itself: a noncharacter of Unicode, in nobody's text. */
const MARK = '\uFDD0'
const NUL = '\0'

/** A text as PostgreSQL takes it: U+0000 is no character there (https://www.postgresql.org/docs/15/datatype-character.html). */
export function storable(text: string): string {
  if (!text.includes(NUL) && !text.includes(MARK)) return text
  return text.replaceAll(MARK, `${MARK}1`).replaceAll(NUL, `${MARK}0`)
}

/** The text that {@link storable} was given. */
export function restored(text: string): string {
  return text.includes(MARK) ? text.replaceAll(`${MARK}0`, NUL).replaceAll(`${MARK}1`, MARK) : text
}
