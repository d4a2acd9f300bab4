/**
 * Stands in for the package `entities` in the browser's bundle: its table of names is 20 KB compressed, and every browser
 * has that table already. A `textarea` parses its content as text with entities, never as elements.
 *
 * @param text one entity, or text with entities
 */
export function decodeHTML(text: string): string {
  const area = document.createElement('textarea')
  area.innerHTML = text
  return area.value
}

export const decodeHTMLStrict = decodeHTML
