import type { ServerFrame } from '#shared/protocol/frames'

/** A server frame encoded once, however many connections it goes to. */
export class OutgoingFrame {
  readonly json: string
  private prebuilt?: Buffer
  private event?: Buffer
  private numbered?: Buffer

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
    // What came up to `thought` was thinking: the earlier words, if all of them did.
    const text = (frame.thought ?? 0) >= earlier.n ? frame.text : earlier.text + frame.text
    return new OutgoingFrame({ ...frame, from: earlier.from ?? earlier.n, text }, this.conflateKey)
  }

  /**
   * The frame as one server-sent event, built at the first use. The JSON holds no line break, so one `data` line does.
   *
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
   */
  get eventBytes(): Buffer {
    this.event ??= Buffer.from(this.eventText())
    return this.event
  }

  /** The same event with its `seq` as the event's id, for a stream of the one room it belongs to (FRM-2). */
  get numberedEventBytes(): Buffer {
    this.numbered ??= Buffer.from(`id: ${'seq' in this.frame ? this.frame.seq : ''}\n${this.eventText()}`)
    return this.numbered
  }

  /** The frame as one unmasked WebSocket text message, built at the first use (RFC 6455, section 5.2). */
  get webSocketBytes(): Buffer {
    this.prebuilt ??= webSocketTextMessage(this.json)
    return this.prebuilt
  }

  private eventText(): string {
    const { frame, json } = this
    // A browser's own EventSource comes back after what `retry` says, so that a drain is kept to without any script (CON-7).
    const retry = frame.type === 'server.closing' ? `retry: ${frame.retry_in_ms}\n` : ''
    return `${retry}event: ${frame.type}\ndata: ${json}\n\n`
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
