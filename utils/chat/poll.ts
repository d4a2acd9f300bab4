import { KEYCAPS } from '#shared/protocol/keycaps'
import type { RoomMessage } from '../room/room-view'

/** What can be voted for in a bot's poll that is open: the signs its options stand behind, with their words; none for any other message. */
export function pollOptions({ content }: Pick<RoomMessage, 'content'>): { emoji: string, words: string }[] {
  if (content.actor_type !== 'bot' || !content.text.startsWith('**Poll:** ')) return []
  const options = KEYCAPS.flatMap((emoji) => {
    const line = content.text.split('\n').find(line => line.startsWith(`- ${emoji} `))
    return line ? [{ emoji, words: line.slice(`- ${emoji} `.length).trim() }] : []
  })
  return options.length > 1 ? options : []
}
