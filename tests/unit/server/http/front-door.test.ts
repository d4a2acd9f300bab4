import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { frontDoor } from '../../../../server/http/front-door'
import type { Lastra } from '../../../../server/lastra'
import { LoopShares } from '../../../../server/limits/loop-shares'
import { LIMITS } from '../../../../shared/protocol/limits'

describe('requests that come all at once', () => {
  const open: { server: Server, sockets: Socket[] }[] = []
  afterEach(() => {
    for (const { server, sockets } of open.splice(0)) {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })

  async function serve(handle: (url: string, answer: () => void) => void) {
    const turns: (() => void)[] = []
    const shares = new LoopShares(LIMITS.turn, turn => turns.push(turn))
    const lastra = { config: { trustProxy: false }, realtime: { context: { shares } } } as unknown as Lastra
    const server = createServer(frontDoor((request, response) => handle(request.url ?? '', () => response.end('.')), () => lastra))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sockets: Socket[] = []
    open.push({ server, sockets })
    return {
      turn: () => turns.shift()?.(),
      /** Sends bytes on a connection of its own. */
      say: async (text: string): Promise<Socket> => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
        sockets.push(socket)
        await once(socket, 'connect')
        socket.on('error', () => undefined).resume()
        socket.write(text)
        return socket
      },
    }
  }
  const get = (path: string, cookie = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${cookie}\r\n`

  it('[CON-13] a few of one address are begun in a turn, and somebody who is signed in there is in between', async () => {
    const begun: string[] = []
    const { say, turn } = await serve((url, answer) => {
      begun.push(url)
      answer()
    })
    const perTurn = Math.ceil(LIMITS.turn.perKey / LIMITS.work.request)
    for (let n = 0; n < 3; n++) await say(Array.from({ length: 5 }, () => get('/flood')).join(''))
    await expect.poll(() => begun.length).toBe(perTurn)
    await say(get('/ann', 'Cookie: lastra_session=of-ann\r\n'))
    await expect.poll(() => begun.at(-1)).toBe('/ann')
    turn()
    expect(begun.filter(url => url === '/flood')).toHaveLength(Math.min(15, 2 * perTurn))
  })

  it('[CON-13] a connection that asks on and on without hearing an answer is closed', async () => {
    let begun = 0
    const { say } = await serve(() => begun++)
    const socket = await say(Array.from({ length: 2000 }, () => get('/')).join(''))
    await once(socket, 'close')
    expect(begun).toBeLessThanOrEqual(LIMITS.pipelined)
  })
})
