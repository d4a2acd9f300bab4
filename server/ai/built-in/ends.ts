/**
 * A text without the characters that it ends with. A pattern such as `[.!]+$` begins anew at each of them, and takes the square of
 * their number where something else follows.
 *
 * @param characters what is left off
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** A text with each stretch of white space as one character: a line break where it held one, otherwise a space. */
export function withSingleSpaces(text: string): string {
  return text.replace(/\s+/g, space => space.includes('\n') ? '\n' : ' ')
}
