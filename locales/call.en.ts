import { listed } from './listed'
import type { DeviceKind } from '~/stores/devices'
import type { MediaProblem } from '~/utils/call/media-errors'
import type { LinkReason, Slot } from '~/utils/call/types'

const reasons: Record<LinkReason, string> = {
  'needs-turn': 'a TURN server is needed',
  'turn-refused': 'the TURN server does not answer',
  'no-answer': 'no answer',
  'signalling': 'waiting for the server',
  'lost': 'the connection breaks',
  'reloading': 'the page is loading',
}

/** What happened to a device, and what to do about it. */
const device = (name: string, plural: string): Record<MediaProblem, [what: string, todo: string]> => ({
  denied: [`${name} access is blocked.`, 'Allow it in the browser\'s address bar and retry'],
  none: [`No ${name.toLowerCase()} was found.`, 'Plug one in and retry'],
  busy: [`Your ${name.toLowerCase()} is used by another program.`, 'Close that program and retry'],
  unfit: [`The chosen ${name.toLowerCase()} cannot be used.`, 'Choose another one'],
  insecure: [`The browser gives ${plural} only to pages opened over HTTPS.`, 'Open this page over HTTPS'],
  revoked: [`${name} access was taken back.`, 'Allow it in the browser\'s address bar and retry'],
  unplugged: [`The ${name.toLowerCase()} was unplugged.`, 'Plug it in and retry'],
  failed: [`The ${name.toLowerCase()} could not be started.`, 'Retry'],
})
const camera = device('Camera', 'cameras')
const microphone = device('Microphone', 'microphones')

const screen: Record<MediaProblem, string> = {
  denied: 'Sharing the screen is blocked.',
  none: 'There is no screen to share.',
  busy: 'The system did not give the screen. Allow screen recording for this browser and retry.',
  unfit: 'This screen cannot be shared.',
  insecure: 'This browser cannot share a screen here.',
  unplugged: 'Sharing the screen ended.',
  revoked: 'Sharing the screen was stopped by the browser.',
  failed: 'The screen could not be shared. Retry.',
}

const devices: Record<DeviceKind, string> = { camera: 'Camera', microphone: 'Microphone', speaker: 'Speaker' }
const slots: Record<Slot, string> = { mic: 'Voice', cam: 'Camera', screen: 'Screen', screenAudio: 'Screen sound' }

/** Every string of the call. Functions take what a translation may need to place. */
export const callEn = {
  unknownName: 'Somebody',
  you: 'You',
  youAre: (name: string) => name ? `${name} (you)` : 'You',
  screenOf: (name: string) => `${name}'s screen`,
  yourScreen: 'Your screen',
  sharing: 'You are sharing your screen',
  reasons,
  /** Before joining there is one more way on: without the device. */
  problem(what: 'cam' | 'mic' | 'screen', why: MediaProblem, inCall: boolean): string {
    if (what === 'screen') return screen[why]
    const [happened, todo] = (what === 'cam' ? camera : microphone)[why]
    return inCall ? `${happened} ${todo}.` : `${happened} ${todo}, or join without it.`
  },
  devices,
  defaultDevice: 'System default',
  unnamedDevice: (kind: string, n: number) => `${kind} ${n}`,
  noDevice: 'None found',
  retry: 'Retry',
  dismiss: 'Dismiss',
  close: 'Close',
  prejoin: {
    title: 'Ready to join?',
    nobody: 'Nobody is in the call yet.',
    here: (names: readonly string[]) => names.length === 1 ? `${names[0]} is in the call.` : `${listed(names)} are in the call.`,
    cameraOff: 'Camera is off',
    starting: 'Starting the camera…',
    devicesStart: 'Your microphone and camera are starting…',
    level: 'Microphone level',
    micOff: 'Microphone is off',
    join: 'Join now',
    joining: 'Joining…',
    back: 'Back to the room',
    full: (limit: number) => `This call is full: ${limit} people are in it, the most that direct connections carry. Try again when somebody leaves; the chat is open meanwhile.`,
    last: (limit: number) => `You would take the last place: direct connections carry ${limit} people.`,
    sent: (mic: boolean, cam: boolean) => mic && cam
      ? 'Others will see and hear you.'
      : mic ? 'Others will hear you, not see you.' : cam ? 'Others will see you, not hear you.' : 'You join muted, without camera. You can switch both on later.',
  },
  stage: {
    label: 'Call',
    alone: 'You are the first one here.',
    aloneHint: 'Send the link of this room to whom you want to talk to.',
    copy: 'Copy link',
    copied: 'Link copied',
    entering: 'Entering the call…',
    joined: (name: string) => `${name} joined the call`,
    left: (name: string) => `${name} left the call`,
    blocked: 'The browser keeps the sound off until you click.',
    hear: 'Click to hear',
    cannotReach: (who: string, whom: string, reason: string) => `${who} cannot reach ${whom}: ${reason}.`,
    lowered: 'This computer is busy, so others get a smaller picture of you for now.',
    mutedBy: (name: string) => `${name} muted your microphone. You can switch it on again.`,
    handLoweredBy: (name: string) => `${name} lowered your hand.`,
    talking: 'You are heard while you hold Space',
  },
  tile: {
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    waiting: 'Reconnecting when the server is back…',
    reloading: 'Coming back…',
    unreachable: (name: string, reason: string) => `Cannot reach ${name}: ${reason}`,
    trying: 'Trying again by itself',
    muted: 'Microphone off',
    hand: 'Hand raised',
    speaking: 'Speaking',
    pin: (name: string) => `Pin ${name}`,
    unpin: (name: string) => `Unpin ${name}`,
    quality: ['Not measured yet', 'Poor connection', 'Weak connection', 'Fair connection', 'Good connection'] as const,
  },
  bar: {
    label: 'Call controls',
    mic: 'Microphone',
    mute: 'Mute',
    unmute: 'Unmute',
    cam: 'Camera',
    camStop: 'Stop camera',
    camStart: 'Start camera',
    screenStart: 'Share screen',
    screenStop: 'Stop sharing',
    /** Words of the two labels above, for where there is little room. */
    screenOff: 'Share',
    screenOn: 'Sharing',
    hand: 'Hand',
    handRaise: 'Raise hand',
    handLower: 'Lower hand',
    view: 'View',
    toSpeaker: 'Speaker view',
    toGrid: 'Grid view',
    devices: 'Devices',
    stats: 'Statistics',
    help: 'Shortcuts',
    more: 'More',
    leave: 'Leave',
  },
  help: {
    title: 'Keyboard shortcuts',
    description: 'They work everywhere in the room except while you write.',
    keys: [
      ['M', 'Microphone on or off'],
      ['Space', 'Hold to talk while muted'],
      ['V', 'Camera on or off'],
      ['S', 'Share your screen or stop'],
      ['H', 'Raise or lower your hand'],
      ['L', 'Another arrangement'],
      ['F', 'Full screen'],
    ] as const,
  },
  stats: {
    title: 'Statistics',
    none: 'Nothing is measured while you are alone.',
    measuring: 'Measuring…',
    sending: 'What you send',
    people: (people: number, limit: number) => people < limit
      ? `For ${people} people in the call. The more there are, the less each one gets; direct connections carry ${limit}.`
      : `For ${people} people in the call, the most that direct connections carry.`,
    lowered: (steps: number) => `${steps === 1 ? 'A step' : `${steps} steps`} lower than that, because this computer is busy. It goes up again by itself.`,
    roundTrip: 'Round trip',
    path: 'Path',
    slots,
    sent: 'Sent',
    received: 'Received',
    columns: { stream: 'Stream', codec: 'Codec', size: 'Picture', fps: 'fps', bitrate: 'kbit/s', loss: 'Loss', jitter: 'Jitter' },
    limited: (by: string) => by === 'cpu' ? 'held back by this computer' : by === 'bandwidth' ? 'held back by the network' : 'held back',
  },
}
