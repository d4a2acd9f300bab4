/** What may be markup, an address, a mention or a moment, or is not kept as it stands, by the grammar of `markdown.ts`. */
const MARKED = /[*_`~[\]<>&\\|@\t\r\0]|\/\/|www\.|^[-+=#]|^\d+[.)]|^\s|\s$|\n\s*\n|\d{4}-\d\d-\d\dT/im

/**
 * Whether a text is one paragraph of nothing but words and line ends, whatever markdown could make of it. Such a text needs no parser
 * to be shown. Says no rather too often.
 */
export function isPlain(text: string): boolean {
  return text !== '' && !MARKED.test(text)
}
