import type { RoomInfo } from '../app/api'

/**
 * What a room is called at its door, and in what other programs show of its link: by its title, and a locked one by its address to
 * whoever is no member, who has that anyhow.
 *
 * @param name as in the address
 * @param info what is known of it; nothing of one that is new, or before it is learned
 */
export function doorTitle(name: string, info: Pick<RoomInfo, 'title' | 'locked' | 'member'> | 'new' | undefined): string {
  if (typeof info !== 'object' || (info.locked && !info.member)) return name
  return info.title || name
}
