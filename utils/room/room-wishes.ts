import type { RoomView } from './room-view'

/** What a thing that can be switched is wished to be. */
export type Wish = boolean | 'host' | 'member'

/** The names of a room's switches. */
export const wishKey = {
  bot: (room: string, bot: string) => `${room}/bot/${bot}`,
  room: (room: string, what: 'locked' | 'listed') => `${room}/${what}`,
  muted: (room: string, userId: string) => `${room}/muted/${userId}`,
}

/** A room with its switches as this person wished them last. The very same where nothing is open. */
export function withSwitches(view: RoomView, wished: Readonly<Record<string, Wish>>): RoomView {
  if (!Object.keys(wished).some(key => key.startsWith(`${view.name}/`))) return view
  const is = (key: string, otherwise: boolean) => wished[key] === undefined ? otherwise : wished[key] === true
  return {
    ...view,
    locked: is(wishKey.room(view.name, 'locked'), view.locked),
    listed: is(wishKey.room(view.name, 'listed'), view.listed),
    bots: view.bots.map(bot => ({ ...bot, enabled: is(wishKey.bot(view.name, bot.id), bot.enabled) })),
    members: view.members.map(member => ({ ...member, muted: is(wishKey.muted(view.name, member.userId), member.muted ?? false) })),
  }
}
