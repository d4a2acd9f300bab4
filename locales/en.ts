import type { ConnectionStatus } from '../composables/connection/useConnectionLifecycle'
import type { TransportSwitch } from '../stores/connection'
import type { ChosenBy } from '../utils/connection/transport-choice'
import type { TransportName } from '../utils/connection/wire'
import type { SystemEvent } from '../utils/room/room-view'
import { isolated } from '#shared/text/visible'
import { bots } from './bots.en'
import { ends } from './ends.en'
import { listed } from './listed'
import { storage } from './storage.en'
import { unsent } from './unsent.en'

const carriers: Record<TransportName, string> = { websocket: 'WebSocket', sse: 'SSE', polling: 'polling' }
const people = (count: number) => count === 1 ? '1 person' : `${count.toLocaleString()} people`
const someone = (name: string) => isolated(name) || 'Somebody'

/** Every string of the landing page, the room and the chat. Functions take what a translation may need to place. */
export const en = {
  product: 'Lastra',
  bots,
  storage,
  unsent,
  skip: 'Skip to the content',
  common: { cancel: 'Cancel', close: 'Close', save: 'Save', retry: 'Retry', delete: 'Delete', loading: 'Loading', people, you: 'you', back: 'All rooms', unknown: 'Somebody' },
  help: 'Help',
  theme: { toDark: 'Use the dark theme', toLight: 'Use the light theme' },
  landing: {
    title: 'Rooms where people talk and see each other',
    lead: 'Open a link, give a name, you are in. Write and call in the same room, on your own server. A message that shows as sent is on disk, and a lost connection comes back by itself.',
    create: 'Open a room',
    createLabel: 'Room name',
    createHint: 'Anyone with the link can come in. Leave it empty for a random name.',
    createPlaceholder: 'team-standup',
    createAction: 'Open room',
    address: (name: string) => `Its address: /r/${name}`,
    badName: 'Use at least one letter from a to z or a digit.',
    yours: 'Your rooms',
    listed: 'Open to everyone',
    none: 'Rooms you visit appear here.',
    nav: 'More',
    agents: 'Agents',
    failed: 'The list of rooms could not be loaded.',
    open: (title: string) => `Open ${title}`,
    host: 'Host',
    locked: 'Locked',
    nobody: 'Nobody there',
    here: (count: number) => `${people(count)} there now`,
    facts: [
      { title: 'Nothing said is lost', text: 'Each room keeps an ordered log. After a cut, a restart or a reload you continue at the exact message where you stopped.' },
      { title: 'Calls beside the chat', text: 'Video and audio go directly between browsers, up to six people, and keep running while the server is away.' },
      { title: 'Yours alone', text: 'One process, one folder of data. No account elsewhere, no tracker, nothing fetched from another site.' },
    ],
  },
  join: {
    title: (room: string) => `Join ${room}`,
    open: 'Give a name, and you are in. A room that does not exist yet opens with you as its host.',
    fresh: 'This room does not exist yet. You will open it and be its host.',
    here: (count: number) => count === 0 ? 'Nobody is there right now.' : `${people(count)} ${count === 1 ? 'is' : 'are'} there now.`,
    locked: 'This room is locked. Give a name and knock: its hosts can let you in.',
    name: 'Your name',
    hint: 'Shown to the others. You can change it later.',
    action: 'Enter room',
    badName: 'Give a name of 1 to 64 characters.',
  },
  room: {
    invite: 'Copy invite link',
    copied: 'Link copied',
    copyFailed: 'The link could not be copied. It is the address of this page.',
    menu: 'Room options',
    chat: 'Chat',
    views: 'Views of the room',
    stage: 'Call',
    peopleTab: 'People',
    search: 'Search messages',
    rename: 'Rename room',
    lock: 'Lock room',
    unlock: 'Unlock room',
    list: 'Show on the start page',
    unlist: 'Hide from the start page',
    clear: 'Clear history',
    yourName: 'Change your name',
    leave: 'Leave room',
    locked: 'Locked',
    lockedHint: 'Only members can come in',
    refused: {
      forbidden: 'You cannot enter this room',
      not_found: 'There is no such room',
      other: 'The room could not be opened',
      removed: 'You were removed from this room',
    },
    badRoom: 'This is not the address of a room',
    badRoomHint: 'A room name has 1 to 64 of the letters a to z, digits and hyphens.',
    confirmClear: { title: 'Clear the history?', text: 'Every message of this room is deleted for everyone. This cannot be undone.', action: 'Clear history' },
    confirmRemove: (name: string) => ({ title: `Remove ${name}?`, text: `${name} leaves the room at once and cannot come back unless a host allows it.`, action: 'Remove' }),
    confirmDelete: { title: 'Delete this message?', text: 'Its text is deleted for everyone. This cannot be undone.', action: 'Delete message' },
    renameLabel: 'Room title',
    nameLabel: 'Your name',
  },
  call: {
    start: 'Join the call',
    join: 'Join the call',
    elsewhere: 'You are in this call in another tab',
    move: 'Move the call here',
    joinToo: 'Join here too',
    who: (names: readonly string[]) => names.length === 0
      ? 'Nobody is in the call'
      : names.length <= 3 ? `${listed(names)} ${names.length === 1 ? 'is' : 'are'} in the call` : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others are in the call`,
  },
  connection: {
    word: {
      idle: 'Not connected', connecting: 'Connecting', connected: 'Live', waiting: 'Reconnecting', closed: 'Offline',
    } satisfies Record<ConnectionStatus, string>,
    live: { websocket: 'Live', sse: 'Live over SSE', polling: 'Live over polling' } satisfies Record<TransportName, string>,
    quiet: 'No answer',
    quietFor: (seconds: number) => `No answer for ${seconds} s`,
    crowded: 'Too many tabs',
    crowdedHint: 'You are connected from too many tabs or devices at once. Close one of them: this one connects by itself then. What you write here waits.',
    retryIn: (seconds: number) => `Reconnecting ${seconds} s`,
    details: 'Connection',
    latency: 'Latency',
    ms: (value: number) => `${Math.round(value).toLocaleString()} ms`,
    uptime: 'Connected for',
    transport: 'Transport',
    transports: carriers,
    chosenBy: 'Chosen by',
    by: { query: 'This address', tester: 'Tester setting of this browser', flag: 'The server', fallback: 'Nothing better works here' } satisfies Record<ChosenBy | 'fallback', string>,
    switched: ({ from, to, why }: TransportSwitch): string => {
      switch (why) {
        case 'fallback': return `${carriers[from]} blocked, using ${carriers[to]}`
        case 'climb': return `${carriers[to]} works again`
        case 'return': return `${carriers[from]} broke again, back to ${carriers[to]}`
        case 'flag': return `The server switched to ${carriers[to]}`
        case 'tester': return `Switched to ${carriers[to]} for a test`
        case 'query': return `Switched to ${carriers[to]} by the address`
      }
    },
    history: 'History',
    tests: 'Connection tests',
    none: '–',
    away: 'No connection to the server. You can go on reading and writing; messages are sent when it is back. A running call continues.',
    retry: 'Try now',
    final: {
      4401: 'Your session has ended. Enter your name again.',
      4403: 'The server does not accept this connection.',
      4409: 'This room was opened again in another tab of this session. Reconnect to use it here.',
    } as Record<number, string>,
    finalOther: 'The connection was closed.',
    reconnect: 'Reconnect',
    reasons: { 1012: 'Server restarted', 1006: 'Connection broke', 1001: 'Server went away', 4408: 'No answer', 4400: 'Bad frames', 4401: 'Session ended', 4403: 'Refused', 4409: 'Opened in another tab', 4429: 'Too many connections' } as Record<number, string>,
  },
  chat: {
    label: 'Messages',
    empty: 'No messages yet',
    emptyHint: 'Write the first one, or copy the invite link to bring someone in.',
    loadingOlder: 'Loading older messages',
    begin: 'This is where the room begins.',
    tooMany: 'Use the search to go back further.',
    unread: 'New messages',
    jump: (count: number) => count === 0 ? 'Newest messages' : count === 1 ? '1 new message' : `${count} new messages`,
    edited: 'edited',
    deleted: 'Message deleted',
    sending: 'Sending',
    late: 'Sending…',
    sent: 'Sent',
    waiting: 'Sent when the connection is back',
    failed: (reason: string) => `Not sent. ${reason}`,
    replyTo: (name: string) => `In reply to ${name}`,
    replyGone: 'an earlier message',
    copyCode: 'Copy code',
    copied: 'Copied',
    plainCode: 'Code',
    bot: 'Bot',
    actions: { bar: 'Message actions', react: 'Add reaction', reply: 'Reply', edit: 'Edit', delete: 'Delete', copy: 'Copy text', more: 'More actions' },
    reaction: (names: string, mine: boolean) => `, ${names}. ${mine ? 'Press to take yours back' : 'Press to add yours'}`,
    reactWith: (emoji: string) => `React with ${emoji}`,
    typing: (names: readonly string[]) => names.length === 1
      ? `${isolated(names[0]!)} is typing`
      : names.length === 2 ? `${isolated(names[0]!)} and ${isolated(names[1]!)} are typing` : `${names.length} people are typing`,
    announce: (name: string, text: string) => `${name}: ${text}`,
  },
  composer: {
    label: 'Message',
    placeholder: (room: string) => `Message ${room}`,
    send: 'Send',
    emoji: 'Insert emoji',
    replying: (name: string) => `Replying to ${name}`,
    editing: 'Editing your message',
    stop: 'Cancel (Esc)',
    save: 'Save',
    bytes: (used: number, limit: number) => `${used.toLocaleString()} of ${limit.toLocaleString()} bytes`,
    muted: 'A host muted you. You can read, not write.',
    full: 'Too many messages are waiting. Wait until the connection is back.',
    help: 'Enter sends, Shift and Enter start a new line. @ names a person or a bot. Markdown works.',
  },
  emoji: { search: 'Search emoji', none: 'No emoji found', label: 'Emoji' },
  search: { title: 'Search messages', label: 'Words to find', none: 'Nothing found.', start: 'Finds messages of this room by their words.', failed: 'The search failed.', go: 'Show in the chat', results: (count: number) => count === 1 ? '1 message' : `${count} messages`, far: 'The message is too far back to show in place.' },
  members: {
    label: 'People in this room', you: '(you)', host: 'Host', bot: 'Bot', muted: 'Muted in chat', inCall: 'In the call', camera: 'Camera on', microphone: 'Microphone on', micOff: 'Microphone off', screen: 'Sharing a screen', hand: 'Hand raised',
    status: { online: 'Online', away: 'Away', dnd: 'Do not disturb' },
    actions: (name: string) => `Actions for ${name}`,
    removed: 'Removed', letBack: 'Let back in', makeHost: 'Make host', makeMember: 'Make member', mute: 'Mute in chat', unmute: 'Unmute in chat', remove: 'Remove from room',
  },
  failed: 'That did not work',
  system: (event: SystemEvent): string => {
    const name = someone(event.name)
    switch (event.kind) {
      case 'joined': return `${name} joined`
      case 'removed': return `${name} was removed`
      case 'let-in': return `${name} was let in`
      case 'host': return `${name} is now a host`
      case 'member': return `${name} is no longer a host`
      case 'muted': return `${name} was muted in the chat`
      case 'unmuted': return `${name} can write again`
      case 'title': return `${name} renamed the room to “${isolated(event.title ?? '')}”`
      case 'locked': return `${name} locked the room`
      case 'unlocked': return `${name} unlocked the room`
      case 'listed': return `${name} put the room on the start page`
      case 'unlisted': return `${name} took the room off the start page`
      case 'cleared': return `${name} cleared the history`
      case 'call-started': return `${name} started a call`
      case 'call-ended': return 'The call ended'
      case 'bot-on': return `${event.bot ?? ''} was switched on by ${name}`
      case 'bot-off': return `${event.bot ?? ''} was switched off by ${name}`
      case 'bot-failed': return `${name} could not answer. ${ends[event.reason ?? 'failed']}`
      case 'bot-stopped': return `${name} was stopped before it said anything`
      case 'bot-silent': return event.reason ? `${name} had nothing to say. ${ends[event.reason]}` : `${name} had nothing to say`
    }
  },
}

export type Strings = typeof en
