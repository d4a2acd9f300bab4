import { personasEn } from '~/locales/personas.en'

/** The persona page's strings in the reader's language. */
export function usePersonaText(): typeof personasEn {
  return personasEn
}
