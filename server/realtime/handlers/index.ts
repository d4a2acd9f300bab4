import type { ClientFrameType } from '#shared/protocol/frames'
import type { Handler } from '../context'
import { answerKnock, knock } from './knock'
import { cancelAnswer, requestAnswer, toggleBot } from './bots'
import { controlMedia, setMediaState } from './call'
import { setStatus, signal, typing } from './ephemeral'
import { join, leave } from './join'
import { chat, clear, edit, erase, react } from './messages'
import { updateMember, updateRoom } from './moderation'
import { ping, reauthenticate } from './session'

/** One handler for every client frame: the type check fails when one is missing. */
export const handlers: { readonly [T in ClientFrameType]: Handler<T> } = {
  'auth': reauthenticate,
  'ping': ping,
  'join': join,
  'leave': leave,
  'chat': chat,
  'edit': edit,
  'delete': erase,
  'react': react,
  'clear': clear,
  'room-update': updateRoom,
  'member-update': updateMember,
  'bot-toggle': toggleBot,
  'ai-request': requestAnswer,
  'ai-cancel': cancelAnswer,
  'knock': knock,
  'knock-answer': answerKnock,
  'presence': setStatus,
  'typing': typing,
  'webrtc-signal': signal,
  'media-state': setMediaState,
  'media-control': controlMedia,
}
