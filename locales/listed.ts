import { isolated } from '#shared/text/visible'

/** Names in a row, as the language of the page joins them; each keeps its own direction. */
export function listed(names: readonly string[]): string {
  const language = typeof document === 'undefined' ? 'en' : document.documentElement.lang || undefined
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names.map(isolated))
}
