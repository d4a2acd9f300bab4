import wrtc from '@roamhq/wrtc'
import { guest, openLine } from '../../scripts/lines.mjs'
import type { Member, ServerFrame } from '../../shared/protocol/frames'
import { createMesh } from '../../utils/call/mesh'
import type { Mesh } from '../../utils/call/mesh'
import { peersInRoom } from '../../utils/call/presence'
import { newSession } from '../../utils/call/signal'
import { createSimplePeerTransport } from '../../utils/call/simple-peer-transport'

const { RTCVideoSource } = wrtc.nonstandard
const WIDTH = 160
const HEIGHT = 120
const FPS = 15
const STATE = { mic: false, cam: true, screen: false, hand: false }

// What the product's own code finds in a browser.
Object.assign(globalThis, wrtc)

/** One moving picture for all callers of this process: a bright bar that walks. */
function synthesise(): InstanceType<typeof RTCVideoSource> {
  const source = new RTCVideoSource()
  const data = new Uint8Array(WIDTH * HEIGHT * 1.5).fill(128)
  let bar = 0
  setInterval(() => {
    bar = (bar + 4) % WIDTH
    for (let y = 0; y < HEIGHT; y++) {
      data.fill(40, y * WIDTH, (y + 1) * WIDTH)
      data.fill(220, y * WIDTH + bar, y * WIDTH + Math.min(bar + 16, WIDTH))
    }
    source.onFrame({ width: WIDTH, height: HEIGHT, data })
  }, 1000 / FPS)
  return source
}
let picture: ReturnType<typeof synthesise> | undefined

/** Somebody in a room's call without a browser. */
export interface Caller {
  /** How many of the others it is connected with. */
  connected: () => number
  leave: () => Promise<void>
}

/**
 * Enters a room's call as a new guest: the product's own mesh over a real WebSocket, with Node's WebRTC below it.
 *
 * @param url the server's address
 */
export async function enterCall(url: string, room: string, name: string): Promise<Caller> {
  const members = new Map<string, Member>()
  let self = ''
  /** Empty until the room is joined, as its members are told before. */
  const call: { mesh?: Mesh } = {}
  const follow = () => call.mesh?.reconcile(new Map([...peersInRoom([...members.values()], self).peers].map(([id, peer]) => [id, peer.media?.in_call])))

  const onFrame = (frame: ServerFrame) => {
    if (frame.type === 'connection.established') self = frame.peer_id
    if (frame.type === 'room.state') for (const member of frame.members) members.set(member.userId, member)
    if (frame.type === 'presence' && frame.event === 'leave') members.delete(frame.member.userId)
    else if (frame.type === 'presence') members.set(frame.member.userId, frame.member)
    if (frame.type === 'webrtc-signal') call.mesh?.receive(frame.from, frame.signal)
    else follow()
  }
  const token = await guest(url, name)
  const line = await openLine('websocket', url, token, { room }, frame => onFrame(frame as ServerFrame))
  const response = await fetch(`${url}/api/ice-servers`, { headers: { authorization: `Bearer ${token}` } })
  const { iceServers } = await response.json() as { iceServers: RTCIceServer[] }
  // Silence is taken for death (CON-4).
  const ping = setInterval(() => void line.send({ type: 'ping' }), 25_000)

  await line.send({ type: 'media-state', room, in_call: true, ...STATE, enter: true })
  const mesh = call.mesh = createMesh({
    self,
    session: newSession(`${crypto.randomUUID()}.1`),
    createTransport: createSimplePeerTransport,
    iceServers: () => iceServers,
    canSignal: () => true,
    sendSignal(to, signal) {
      void line.send({ type: 'webrtc-signal', room, to, signal })
      return true
    },
    state: () => STATE,
    onChange: () => undefined,
  })
  picture ??= synthesise()
  mesh.setTrack('cam', picture.createTrack())
  follow()

  return {
    connected: () => [...mesh.peers.values()].filter(({ link }) => link.status === 'connected').length,
    async leave() {
      clearInterval(ping)
      mesh.close(false)
      await line.send({ type: 'media-state', room, in_call: false, mic: false, cam: false, screen: false, hand: false })
      await line.send({ type: 'leave', room })
    },
  }
}
