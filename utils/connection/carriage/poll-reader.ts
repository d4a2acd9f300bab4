import type { HttpWire } from '../http-wire'
import type { Reader, ReaderOptions, ReadAnswer } from './reader'
import { AGAIN_MS, createPause, isNetwork, READ_PATH, requests, TOGETHER_MS } from './reader'

/** How long the server may hold a read back, and how much longer its answer may take. */
const WAIT_MS = 20_000
const GRACE_MS = 10_000
/** A read that brings nothing this soon was answered because another one reads: it is not made again at once. */
const SOON_MS = 500
const CALM_MS = 300
/** Between two reads that may not wait at the server. */
const SHORT_MS = 700

/**
 * Reads by requests that wait for frames, one after the other (TAB-2).
 *
 * @param holds whether they may wait; without, they are made again and again
 */
export function createPollReader({ access, lines, deliver, refused, alive, failed }: ReaderOptions, holds = true): Reader {
  const pause = createPause()
  let request: HttpWire | undefined
  let changing: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let outdated = false

  async function run() {
    for (let tries = 0; !stopped;) {
      outdated = false
      const asked = lines()
      if (asked.length === 0) {
        await pause.wait(WAIT_MS)
        continue
      }
      const since = Date.now()
      request = requests(access)
      const answer = await request.tryAsk<ReadAnswer>('POST', READ_PATH, { body: JSON.stringify({ lines: asked, wait_ms: holds ? WAIT_MS : 0 }), waitMs: WAIT_MS + GRACE_MS })
      if (stopped) return
      if ('value' in answer) {
        tries = 0
        alive()
        take(answer.value)
        if (!holds && !outdated) await pause.wait(SHORT_MS)
        else if (answer.value.lines.length === 0 && Date.now() - since < SOON_MS && !outdated) await pause.wait(CALM_MS)
      } else if (!outdated) {
        if (!isNetwork(answer) || tries === AGAIN_MS.length) return failed(answer)
        await pause.wait(AGAIN_MS[tries++]!)
      }
    }
  }

  function take({ lines: answers }: ReadAnswer) {
    for (const answer of answers) {
      if ('code' in answer) refused(answer.connection_id)
      else deliver(answer.connection_id, answer.frames, answer.next)
    }
  }

  function again() {
    changing = undefined
    outdated = true
    request?.close()
    pause.stop()
  }

  void run()
  return {
    changed: () => changing ??= setTimeout(again, TOGETHER_MS),
    // It goes with the next read.
    acknowledged: () => undefined,
    stop() {
      stopped = true
      clearTimeout(changing)
      request?.close()
      pause.stop()
    },
  }
}
