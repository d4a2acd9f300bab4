import { connect, createServer } from 'node:net'

/**
 * A network between a browser and the server that can be taken away.
 *
 * @param {string} target the server's address
 * @returns {Promise<{ url: string, cut: () => void, heal: () => void, close: () => void }>}
 */
export async function startRelay(target) {
  const { hostname, port } = new URL(target)
  const sockets = new Set()
  let isCut = false
  const relay = createServer((client) => {
    if (isCut) return client.destroy()
    const server = connect(Number(port), hostname)
    for (const [from, to] of [[client, server], [server, client]]) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise(resolve => relay.listen(0, '127.0.0.1', () => resolve(undefined)))
  const drop = () => sockets.forEach(socket => socket.destroy())
  return {
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (relay.address()).port}`,
    cut() {
      isCut = true
      drop()
    },
    heal() {
      isCut = false
    },
    close() {
      drop()
      relay.close()
    },
  }
}
