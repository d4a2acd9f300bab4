import { shellEn } from '~/locales/shell.en'

/** The shell's strings in the reader's language. */
export function useShellText(): typeof shellEn {
  return shellEn
}
