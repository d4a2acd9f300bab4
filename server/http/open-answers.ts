import { ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

/** Every answer on its way, and the server they are of: what the end of the process waits for. */
export class OpenAnswers {
  /** Set by `server/entry.ts`; a development server's is shown by the first request. */
  server?: Server
  private readonly open = new Set<ServerResponse>()

  /** A page rendered here asks its own server without a network: such an answer would be kept for ever, it never closes. */
  add(request: IncomingMessage, response: ServerResponse): void {
    if (!(response instanceof ServerResponse)) return
    this.server ??= (request.socket as { server?: Server }).server
    this.open.add(response)
    response.once('close', () => this.open.delete(response))
  }

  /** Resolves when all that is being answered has left, or after `ms`: the last frames of a poll leave a moment after they were written. */
  async settled(ms: number): Promise<void> {
    const all = Promise.all([...this.open].map(response => new Promise(resolve => response.once('close', resolve))))
    await Promise.race([all, new Promise(resolve => setTimeout(resolve, ms))])
  }
}

/** Those of this process. */
export const openAnswers = new OpenAnswers()
