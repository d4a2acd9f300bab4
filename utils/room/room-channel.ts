import type { Ref } from 'vue'
import type { ClientFrame, Member, ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'
import type { Ack } from '../connection/requests'

/**
 * What a call needs of a room: who is there, and a way to send and hear frames. The call knows no transport,
 * so media goes on while signalling is away.
 */
export interface RoomChannel {
  /** The room's name. */
  readonly room: string
  /** This tab's peer id, stable through reconnects; undefined until the first connection (CON-8). */
  readonly peerId: Readonly<Ref<string | undefined>>
  /** Whether frames reach the server now. */
  readonly isConnected: Readonly<Ref<boolean>>
  /** Everyone present, with their peers (tabs) and each peer's media state (PRS-1). */
  readonly members: Readonly<Ref<readonly Member[]>>
  /** Sends a frame now. Returns false, and sends nothing, when not connected. */
  send: (frame: ClientFrame) => boolean
  /** Sends a frame and settles with its reply. @throws ChatError what the server refuses, or `unavailable` */
  request: (frame: ClientFrame) => Promise<Ack>
  /** Listens for one frame type of this room. Returns the function that stops it. */
  on: <T extends ServerFrameType>(type: T, handler: (frame: ServerFrameOf<T>) => void) => () => void
}
