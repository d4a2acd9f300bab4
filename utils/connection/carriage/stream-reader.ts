import { CLOSE } from '#shared/protocol/limits'
import type { ServerFrame } from '#shared/protocol/frames'
import { readEvents } from '../event-stream'
import type { HttpWire } from '../http-wire'
import { SILENCE_MS } from '../http-wire'
import type { WireEnd } from '../wire'
import { BROKEN } from '../wire'
import type { Reader, ReaderOptions, ReadAnswer } from './reader'
import { AGAIN_MS, createPause, isNetwork, READ_PATH, requests, TOGETHER_MS } from './reader'

/** How long what the tabs have may wait to be said, and after how many characters it is said at once. */
const ACK_MS = 1_000
const ACK_CHARS = 64 * 1024

const BROKEN_OFF: WireEnd = { code: BROKEN, reason: 'network' }

/** Reads one stream that carries all lines, and says beside it which they are and what the tabs have (TAB-3). */
export function createStreamReader({ access, lines, deliver, refused, alive, failed }: ReaderOptions): Reader {
  const pause = createPause()
  let wire: HttpWire | undefined
  let streamId: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueAt = Infinity
  let saying = false
  let chars = 0
  let stopped = false

  async function run() {
    for (let tries = 0; !stopped;) {
      const end = await read(() => void (tries = 0))
      streamId = undefined
      if (stopped) return
      if (!isNetwork(end) || tries === AGAIN_MS.length) return failed(end)
      await pause.wait(AGAIN_MS[tries++]!)
    }
  }

  /** One stream, from its opening to its end. */
  async function read(works: () => void): Promise<WireEnd> {
    let end = BROKEN_OFF
    const own = wire = requests(access, why => end = why)
    const body = await own.stream('/api/chat/lines/stream', { accept: 'text/event-stream' })
    if (!body) return end
    try {
      await readEvents(body, {
        silenceMs: SILENCE_MS,
        onSilence: () => own.end({ code: CLOSE.timeout, reason: 'silent' }),
        isOver: () => own.isEnded,
        onComment() {
          works()
          said()
        },
        onEvent({ event, data }) {
          if (event === 'stream') return named(data)
          works()
          took(data)
        },
      })
    } catch {
      // It broke off, or was ended here.
    }
    own.close()
    return end
  }

  function named(data: string) {
    streamId = (JSON.parse(data) as { stream_id: string }).stream_id
    say(0)
  }

  function took(data: string) {
    const { connection_id, n, frame } = JSON.parse(data) as { connection_id: string, n: number, frame: ServerFrame }
    deliver(connection_id, [frame], n)
    chars += data.length
    say(chars > ACK_CHARS ? 0 : ACK_MS)
  }

  /** The stream lives: so do the lines whose tabs are heard. */
  function said() {
    alive()
    say(TOGETHER_MS)
  }

  /** Says within a time which lines these are. */
  function say(ms: number) {
    const at = Date.now() + ms
    if (at >= dueAt) return
    clearTimeout(timer)
    dueAt = at
    timer = setTimeout(() => void tell(), ms)
  }

  async function tell() {
    dueAt = Infinity
    // One at a time: what is said later must not be overtaken.
    if (saying || streamId === undefined || stopped) return void (saying && say(TOGETHER_MS * 2))
    saying = true
    chars = 0
    const stream = streamId
    const answer = await requests(access).tryAsk<ReadAnswer>('POST', READ_PATH, { body: JSON.stringify({ stream_id: stream, lines: lines() }) })
    saying = false
    if (stopped || stream !== streamId) return
    if ('value' in answer) answer.value.lines.forEach(line => refused(line.connection_id))
    // A stream that the server does not know, or a way that is gone: a new one says it all again.
    else wire?.end(answer.code === BROKEN ? BROKEN_OFF : answer)
  }

  void run()
  return {
    changed: () => say(TOGETHER_MS),
    acknowledged: () => say(ACK_MS),
    stop() {
      stopped = true
      clearTimeout(timer)
      wire?.close()
      pause.stop()
    },
  }
}
