import { doorsEn } from '../../locales/doors.en'

/** The words at a room's door. */
export function useDoorText(): typeof doorsEn {
  return doorsEn
}
