import { callEn } from '~/locales/call.en'

/** The call's strings in the reader's language. */
export function useCallText(): typeof callEn {
  return callEn
}
