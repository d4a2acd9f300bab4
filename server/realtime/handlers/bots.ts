import { ProtocolError } from '#shared/protocol/errors'
import type { Handler } from '../context'
import { joinedRoom, may } from './joined'
import { toAck } from './messages'

/** `bot-toggle`: switches a bot on or off in a room, by moderators; an entry of the log (BOT-1). */
export const toggleBot: Handler<'bot-toggle'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const known = (await context.bots.list(room)).some(bot => bot.id === frame.bot)
  if (!known) throw new ProtocolError('not_found', 'bot: there is no such bot')
  return toAck(frame.room, await context.log.append(room.id, { type: 'bot', userId: sender.user.id, userName: sender.user.name, bot: frame.bot, enabled: frame.enabled }))
}

/** `ai-request`: asks a bot for an answer, which the room then watches (AI-1). */
export const requestAnswer: Handler<'ai-request'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const stream_id = await context.bots.ask({ room, asker: sender.user, bot: frame.bot, prompt: frame.prompt, inReplyTo: frame.in_reply_to, address: sender.connection.address })
  return { room: frame.room, stream_id }
}

/** `ai-cancel`: stops an answer, by who asked for it or a moderator; what was said is kept (AI-3). */
export const cancelAnswer: Handler<'ai-cancel'> = (context, sender, frame) => {
  const joined = joinedRoom(sender, frame.room)
  context.bots.cancel(joined.room.id, frame.stream_id, sender.user.id, may(sender, joined, 'moderate'))
  return { room: frame.room, stream_id: frame.stream_id }
}
