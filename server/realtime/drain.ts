import { CLOSE } from '#shared/protocol/limits'
import type { Connection } from './connection'
import type { Realtime } from './realtime'

/** How long one connection's last frames may take before it is closed all the same. */
const LAST_FRAMES_MS = 2000

/**
 * Sends every client away, spread over the drain time so that they do not all come back at once (CON-7). Each is read
 * no more, gets the answers to what it had sent, is told when to come back, and is closed with 1012.
 *
 * @param drainMs milliseconds over which the goodbyes are spread
 */
export async function drainConnections(realtime: Realtime, drainMs: number): Promise<void> {
  const connections = [...realtime.context.registry.all()]
  const step = drainMs / Math.max(1, connections.length)
  await Promise.all(connections.map(async (connection, i) => {
    await wait(i * step)
    // Not before the last one is told: who came back to this very process would be refused, which ends an EventSource for good.
    const left = (connections.length - 1 - i) * step
    await sayGoodbye(realtime, connection, Math.round(left + Math.random() * drainMs))
  }))
}

async function sayGoodbye(realtime: Realtime, connection: Connection, retryInMs: number): Promise<void> {
  connection.transport.pause(true)
  await Promise.race([connection.tail, wait(LAST_FRAMES_MS)])
  connection.send({ type: 'server.closing', retry_in_ms: retryInMs })
  connection.transport.pause(false)
  realtime.close(connection, CLOSE.restarting, 'server restarting')
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
