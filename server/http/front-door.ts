import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { LIMITS } from '#shared/protocol/limits'
import { addressOf, tokenOf } from '../auth/requests'
import type { Lastra } from '../lastra'

/** Enough of a token to tell people of one address apart; whether it is worth anything is found out later. */
const TOKEN_END = 16

/**
 * Lets requests in by turns, before anything is made of them: those of one who asks for much wait for each other, and everybody else
 * is in between. A connection that asks on and on without waiting for answers is closed.
 *
 * @param listener what handles a request
 * @param lastra the running core, once it is there; what is asked before waits for it anyway
 */
export function frontDoor(listener: RequestListener, lastra: () => Lastra | undefined): RequestListener {
  const asked = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const waiting = (asked.get(socket) ?? 0) + 1
    if (waiting > LIMITS.pipelined) {
      socket.destroy()
      return
    }
    asked.set(socket, waiting)
    response.once('close', () => asked.set(socket, (asked.get(socket) ?? 1) - 1))
    const running = lastra()
    if (!running) return listener(request, response)
    running.realtime.context.shares.run(askerOf(request, running), LIMITS.work.request, () => {
      if (!socket.destroyed) listener(request, response)
    })
  }
}

/** Whose share of a turn a request uses. Who says much goes on hearing: what they fetch does not wait for what they send. */
function askerOf({ method, headers, socket }: IncomingMessage, { config }: Lastra): string {
  const address = addressOf(headers, socket.remoteAddress, config.trustProxy)
  return `${method} of ${address} ${tokenOf(headers)?.slice(-TOKEN_END) ?? ''}`
}
