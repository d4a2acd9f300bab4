/** Frames that wait for their request; more than this is not taken. */
const QUEUE_MAX = 1_024
/** How many frames one request may carry (SSE-3). */
const BATCH_MAX = 64
/** About how long a request may get, in characters. */
const BATCH_CHARS = 256 * 1024

export interface FrameSenderOptions {
  /** Sends frames in one request. Settles to whether the next ones may follow. */
  post: (texts: readonly string[]) => Promise<boolean>
}

export interface FrameSender {
  /** Queues a frame. False when too many wait. */
  push: (text: string) => boolean
  /** How many frames wait for their request or its answer. */
  unsent: () => number
  /** Sends nothing any more. */
  stop: () => void
}

/** Sends frames over requests in the order they were given (FRM-6): one request at a time, and what waits meanwhile goes into the next. */
export function createFrameSender({ post }: FrameSenderOptions): FrameSender {
  let queue: string[] = []
  let inFlight = 0
  let running = false

  async function run() {
    // The frames of one tick share a request.
    await Promise.resolve()
    while (queue.length > 0) {
      const batch = take(queue)
      queue = queue.slice(batch.length)
      inFlight = batch.length
      const goesOn = await post(batch)
      inFlight = 0
      if (!goesOn) queue = []
    }
    running = false
  }

  return {
    push(text) {
      if (queue.length >= QUEUE_MAX) return false
      queue.push(text)
      if (!running) {
        running = true
        void run()
      }
      return true
    },
    unsent: () => queue.length + inFlight,
    stop() {
      queue = []
    },
  }
}

/** The longest start of a queue that fits into one request; at least one frame. */
function take(queue: readonly string[]): readonly string[] {
  let chars = 0
  const end = queue.findIndex((text, index) => {
    chars += text.length
    return index > 0 && (index >= BATCH_MAX || chars > BATCH_CHARS)
  })
  return end < 0 ? queue : queue.slice(0, end)
}
