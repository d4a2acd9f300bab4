import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { listenFailure } from '../../../../server/storage/listen-failure'

it('says in a sentence why a server cannot listen, and nothing of other errors', async () => {
  const first = createServer()
  await new Promise<void>(resolve => first.listen(0, '127.0.0.1', resolve))
  const { port } = first.address() as AddressInfo
  const second = createServer()
  const error = await new Promise(resolve => second.once('error', resolve).listen(port, '127.0.0.1'))
  first.close()
  expect(listenFailure(error)).toBe(`port ${port} of 127.0.0.1 is taken by another program: end that one, or set PORT`)
  expect(listenFailure(new Error('anything'))).toBeUndefined()
})
