import type { ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'

interface Duty {
  /**
   * Who acts on it: the line itself, whoever asked for it, the room's sync, the call, the doors, or the app as a whole. Others may
   * listen too.
   */
  readonly to: 'line' | 'asker' | 'room' | 'call' | 'doors' | 'app'
  /** Whether it is still of use when it comes over a line that another one has replaced: news, but no part of a join of its own. */
  readonly isNews: boolean
}

/** What the client does with each frame of the server. One that is not named here does not compile. */
const DUTIES = {
  'connection.established': { to: 'line', isNews: false },
  'connection.closed': { to: 'line', isNews: true },
  'server.closing': { to: 'line', isNews: false },
  'pong': { to: 'line', isNews: false },
  'ack': { to: 'asker', isNews: true },
  // One that answers nobody tells of a room.
  'error': { to: 'room', isNews: true },
  'room.state': { to: 'room', isNews: false },
  'room.reset': { to: 'room', isNews: false },
  'replay.end': { to: 'room', isNews: false },
  'message.replay': { to: 'room', isNews: false },
  'message.new': { to: 'room', isNews: true },
  'message.edited': { to: 'room', isNews: true },
  'message.deleted': { to: 'room', isNews: true },
  'reaction': { to: 'room', isNews: true },
  'clear': { to: 'room', isNews: true },
  'bot-toggle': { to: 'room', isNews: true },
  'room.updated': { to: 'room', isNews: true },
  'room.line': { to: 'room', isNews: true },
  'presence': { to: 'room', isNews: true },
  'typing': { to: 'room', isNews: true },
  'ai.start': { to: 'room', isNews: true },
  'ai.delta': { to: 'room', isNews: true },
  'ai.thinking': { to: 'room', isNews: true },
  'ai.end': { to: 'room', isNews: true },
  'ai.hand': { to: 'room', isNews: true },
  'knock': { to: 'doors', isNews: true },
  'knock.answered': { to: 'doors', isNews: true },
  'webrtc-signal': { to: 'call', isNews: true },
  'media.control': { to: 'call', isNews: true },
  'transport.flag': { to: 'app', isNews: true },
} as const satisfies Record<ServerFrameType, Duty>

/** A frame that a room's sync acts on. */
export type RoomFrameType = { [T in ServerFrameType]: (typeof DUTIES)[T]['to'] extends 'room' ? T : never }[ServerFrameType]
export type RoomFrame = ServerFrameOf<RoomFrameType>

/** The frames a room's sync acts on. */
export const ROOM_FRAMES = (Object.keys(DUTIES) as ServerFrameType[]).filter((type): type is RoomFrameType => DUTIES[type].to === 'room')

/** Whether a frame of the type is of use that comes over a replaced line; part of a replay it is not. */
export function isNewsType(type: ServerFrameType): boolean {
  return DUTIES[type].isNews
}
