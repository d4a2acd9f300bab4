import type { ReactionEmoji } from '~/utils/call/reactions'

const reactions: Record<ReactionEmoji, string> = {
  '\u{1F44D}': 'Thumbs up',
  '\u{1F44F}': 'Applause',
  '\u{2764}\u{FE0F}': 'Heart',
  '\u{1F602}': 'Laughter',
  '\u{1F62E}': 'Surprise',
  '\u{1F389}': 'Celebration',
}

/** Strings of the room's shell: what stands around stage and chat. Functions take what a translation may need to place. */
export const shellEn = {
  hideSide: 'Hide chat and people',
  chat: 'Chat',
  people: 'People',
  unreadLabel: (count: number) => count === 1 ? '1 new message' : `${count} new messages`,
  fullscreen: 'Full screen',
  leaveFullscreen: 'Leave full screen',
  inCallFor: (time: string) => `In the call for ${time}`,
  leaveCall: {
    title: 'Leave the call?',
    text: 'You are in the call of this room. Going to another page ends it for you.',
    action: 'Leave the call',
  },
  sideBySide: 'Side by side',
  floatOwn: 'Float my picture',
  moveOwn: 'Move your picture',
  moveOwnHint: 'Move your picture: arrow keys, a click, or drag it',
  react: 'React',
  reactWith: (emoji: ReactionEmoji) => `React with ${reactions[emoji].toLowerCase()}`,
  reactionName: (emoji: ReactionEmoji) => reactions[emoji],
  reacted: (name: string, emoji: ReactionEmoji) => `${name}: ${reactions[emoji].toLowerCase()}`,
  pip: 'Picture in picture',
  leavePip: 'Close picture in picture',
  muteOf: (name: string) => `Mute ${name}`,
  muteMic: 'Mute microphone',
  lowerHand: 'Lower hand',
  chime: 'Sound when people come and go',
  keys: {
    call: 'In a call',
    room: 'In the room',
    list: [
      ['Enter', 'Send the message'],
      ['Shift Enter', 'New line'],
      ['\u2191', 'Edit your last message, from an empty field'],
      ['@', 'Name a person or a bot'],
      ['C', 'To the chat; in a call, show or hide it'],
      ['P', 'People'],
      ['?', 'This list'],
      ['Esc', 'Close what is open'],
    ] as const,
  },
}
