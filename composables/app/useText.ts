import type { Strings } from '../../locales/en'
import { en } from '../../locales/en'

/** The page's strings in the reader's language. */
export function useText(): Strings {
  return en
}
