import type { ServerFrameOf } from '#shared/protocol/frames'
import { answerFrom, grown, restated, streamOf } from '../chat/answers'
import type { LiveAnswer } from '../chat/answers'
import type { RoomMessage, RoomView, SystemEvent } from './room-view'
import { withLine } from './room-lines'

/** How many answers that ended are remembered, for frames of a slower line that come later. */
const OVER_KEPT = 32

/** An answer begins (AI-1). One that is known, or over, does not begin again. */
export function withStart(view: RoomView, frame: ServerFrameOf<'ai.start'>, at: string): RoomView {
  if (isKnown(view, frame.stream_id)) return view
  return { ...view, answers: [...view.answers, answerFrom({ ...frame, n: 0, text: '' }, at)] }
}

/** An answer goes on. */
export function withDelta(view: RoomView, frame: ServerFrameOf<'ai.delta'>): RoomView {
  const index = view.answers.findIndex(answer => answer.stream_id === frame.stream_id)
  const before = view.answers[index]
  const after = before && grown(before, frame)
  return after === before ? view : { ...view, answers: view.answers.with(index, after!) }
}

/** An engine begins or ends to think. */
export function withThinking(view: RoomView, { stream_id, active, ms }: ServerFrameOf<'ai.thinking'>): RoomView {
  return { ...view, answers: view.answers.map(answer => answer.stream_id === stream_id ? { ...answer, thinking: { active, ms } } : answer) }
}

/** An answer is over. It stays until its message is shown; one without a word says so. */
export function withEnd(view: RoomView, frame: ServerFrameOf<'ai.end'>, at: string): RoomView {
  const answer = view.answers.find(({ stream_id }) => stream_id === frame.stream_id)
  const next = { ...view, over: [...view.over.filter(id => id !== frame.stream_id), frame.stream_id].slice(-OVER_KEPT) }
  if (!answer) return next
  const others = view.answers.filter(other => other !== answer)
  if (frame.messageId !== undefined) {
    return { ...next, answers: view.answers.map(other => other === answer ? { ...answer, state: 'ended', messageId: frame.messageId } : other) }
  }
  const event: SystemEvent = { kind: frame.finish === 'error' ? 'bot-failed' : frame.finish === 'cancelled' ? 'bot-stopped' : 'bot-silent', name: botName(view, answer.bot), ...(frame.reason && { reason: frame.reason }) }
  return withLine({ ...next, answers: others }, view.last ?? 0, at, event)
}

/** A bot raises its hand for a message, or lowers it (AI-6). */
export function withHand(view: RoomView, { bot, raised, in_reply_to }: ServerFrameOf<'ai.hand'>): RoomView {
  return { ...view, bots: view.bots.map(other => other.id === bot ? { ...other, hand: raised || undefined, in_reply_to } : other) }
}

/** What a join says of answers on their way (AI-2), without those that are stored or over. */
export function answersOf(view: RoomView, state: ServerFrameOf<'room.state'>, at: string): readonly LiveAnswer[] {
  const held = new Set(view.answers.map(answer => answer.stream_id))
  return restated(view.answers, state.streams.filter(stream => held.has(stream.stream_id) || !isKnown(view, stream.stream_id)), at)
}

/** A stored message takes the place of the answer it was. */
export function withoutStored(answers: readonly LiveAnswer[], message: RoomMessage): readonly LiveAnswer[] {
  if (answers.length === 0) return answers
  const id = streamOf(message)
  return answers.filter(answer => answer.stream_id !== id && answer.messageId !== message.messageId)
}

/** After a replay every stored answer is shown: what is still held of ended ones goes. */
export function withAnswersSettled(view: RoomView): RoomView {
  return view.answers.every(answer => answer.state === 'live') ? view : { ...view, answers: view.answers.filter(answer => answer.state === 'live') }
}

/** A bot's name in front of people. */
export function botName(view: Pick<RoomView, 'bots'>, id: string): string {
  return view.bots.find(bot => bot.id === id)?.name ?? id
}

function isKnown(view: RoomView, id: string): boolean {
  return view.over.includes(id) || view.answers.some(answer => answer.stream_id === id) || view.messages.some(message => streamOf(message) === id)
}
