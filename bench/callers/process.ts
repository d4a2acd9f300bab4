import { enterCall } from './caller'
import type { Caller } from './caller'

/** What the parent asks of this process. */
type Order = { id: number, room: string, name: string } & ({ order: 'enter', url: string } | { order: 'leave' | 'connected' })

const callers = new Map<string, Caller>()

async function follow(order: Order): Promise<number> {
  const key = `${order.room}/${order.name}`
  if (order.order === 'enter') {
    callers.set(key, await enterCall(order.url, order.room, order.name))
  } else if (order.order === 'leave') {
    await callers.get(key)?.leave()
    callers.delete(key)
  }
  return callers.get(key)?.connected() ?? 0
}

process.on('message', (order: Order) => {
  follow(order).then(
    connected => process.send?.({ id: order.id, connected }),
    (error: unknown) => process.send?.({ id: order.id, error: String(error) }),
  )
})
// The addon's own end is not a clean one, so nothing waits for it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send?.({ id: 0, connected: 0 })
