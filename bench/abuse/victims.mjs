import { openRawSocket } from '../raw-socket.mjs'
import { guest } from './people.mjs'

/** Below the ten messages a second that each of the two may send. */
const EVERY_MS = 62
/** Rooms of two, so that there is more than one slowest message in a hundred. */
const ROOMS = ['victims', 'victims-2', 'victims-3', 'victims-4']

/** Pairs of people who talk, and how long their messages take. */
export class Victims {
  #delays = []
  #sentAt = new Map()
  #count = 0
  #pairs = []

  /** Lets two guests into each room. @param {string} url */
  async come(url) {
    for (const room of ROOMS) {
      const pair = []
      for (const name of ['Ann', 'Bob']) {
        const { cookie } = await guest(url, name)
        const socket = await openRawSocket(`${url}/api/chat.ws`, { cookie }, bytes => this.#hear(bytes))
        socket.send(JSON.stringify({ type: 'join', room }))
        pair.push(socket)
      }
      this.#pairs.push({ room, pair })
    }
    await new Promise(resolve => setTimeout(resolve, 300))
  }

  /**
   * Lets them talk for a while.
   *
   * @returns {Promise<{ p50: number, p99: number, lost: number }>} milliseconds from sending to the other's receipt; `lost` have not
   *   arrived two seconds after the last one was sent
   */
  async talk(seconds) {
    this.#delays = []
    this.#sentAt.clear()
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      const { room, pair } = this.#pairs[++this.#count % ROOMS.length]
      const id = `m${this.#count}`
      this.#sentAt.set(id, performance.now())
      pair[this.#count % 8 < 4 ? 0 : 1].send(JSON.stringify({ type: 'chat', room, text: 'hello', client_msg_id: id }))
      await new Promise(resolve => setTimeout(resolve, EVERY_MS / ROOMS.length))
    }
    for (const end = performance.now() + 2000; this.#sentAt.size > 0 && performance.now() < end;) await new Promise(resolve => setTimeout(resolve, 20))
    const sorted = this.#delays.toSorted((a, b) => a - b)
    return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), lost: this.#sentAt.size }
  }

  #heard = new Map()

  /** A message counts when both have it: the one who wrote it, and the other. */
  #hear(bytes) {
    const text = bytes.toString()
    if (!text.startsWith('{"type":"message.new"')) return
    const id = /"client_msg_id":"(m\d+)"/.exec(text)?.[1]
    const sent = this.#sentAt.get(id)
    if (sent === undefined) return
    const heard = (this.#heard.get(id) ?? 0) + 1
    this.#heard.set(id, heard)
    if (heard < 2) return
    this.#heard.delete(id)
    this.#delays.push(performance.now() - sent)
    this.#sentAt.delete(id)
  }

  leave() {
    for (const { pair } of this.#pairs) for (const socket of pair) socket.close()
  }
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.POSITIVE_INFINITY
}
