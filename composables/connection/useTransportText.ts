import { transportEn } from '~/locales/transport.en'

/** The testers' panel's strings in the reader's language. */
export function useTransportText(): typeof transportEn {
  return transportEn
}
