import type { ServerFrame } from '#shared/protocol/frames'

/** A server frame encoded once, however many connections it goes to. */
export class OutgoingFrame {
  readonly json: string
  private prebuilt?: Buffer
  private event?: string

  /**
   * @param frame what to send; its `type` decides whether it may be conflated (BP-1)
   * @param conflateKey frames of one key replace each other while a connection lags behind; none: never skipped
   */
  constructor(readonly frame: ServerFrame, readonly conflateKey?: string) {
    this.json = JSON.stringify(frame)
  }

  /** What takes this frame's place and that of an earlier one of the same key: the newer state, or both deltas as one (BP-1). */
  after({ frame: earlier }: OutgoingFrame): OutgoingFrame {
    const { frame } = this
    if (frame.type !== 'ai.delta' || earlier.type !== 'ai.delta') return this
    return new OutgoingFrame({ ...frame, from: earlier.from ?? earlier.n, text: earlier.text + frame.text }, this.conflateKey)
  }

  /**
   * The frame as one server-sent event, built at the first use. The JSON holds no line break, so one `data` line does.
   *
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
   */
  get eventText(): string {
    this.event ??= `event: ${this.frame.type}\ndata: ${this.json}\n\n`
    return this.event
  }

  /** The frame as one unmasked WebSocket text message, built at the first use (RFC 6455, section 5.2). */
  get webSocketBytes(): Buffer {
    this.prebuilt ??= webSocketTextMessage(this.json)
    return this.prebuilt
  }
}

const FIN_TEXT = 0x81

function webSocketTextMessage(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(header + length)
  bytes[0] = FIN_TEXT
  if (header === 2) {
    bytes[1] = length
  } else if (header === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.write(text, header)
  return bytes
}
