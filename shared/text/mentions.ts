import { parsed, walked } from './markdown'
import { mentionPattern } from './mention-pattern'

export { mentionOrder, mentionPattern } from './mention-pattern'

/**
 * Who is named in a message, by page and server alike: what stands in code or in the words of a link names nobody.
 *
 * @param handles who could be named, in the order of {@link mentionOrder}
 * @returns the handles in small letters
 */
export function mentionsOf(text: string, handles: readonly string[]): Set<string> {
  const found = new Set<string>()
  const pattern = text.includes('@') ? mentionPattern(handles) : undefined
  if (!pattern) return found
  walked(parsed(text), (token, inLink) => {
    if (token.type !== 'text' || inLink) return
    for (const match of token.content.matchAll(pattern)) found.add(match[2]!.slice(1).toLowerCase())
  })
  return found
}
