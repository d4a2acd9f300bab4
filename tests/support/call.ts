import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Participant, TestBrowser } from './browser'
import type { TestServer } from './server'
import { waitFor } from './wait'

/** What the init script leaves in the page for tests; the product knows nothing of it. */
interface Recorded {
  connections: RTCPeerConnection[]
  sockets: WebSocket[]
}

/** Somebody in a browser who is or will be in a room's call. */
export interface Caller extends Participant {
  name: string
}

/** How many frames each live connection has decoded, by media section: 1 is the camera, 2 the screen. */
export type Decoded = Record<string, number>

const CAMERA = '1'
export const SCREEN = '2'

/** Keeps every connection and socket the page opens, so that tests can read and break them. */
function record() {
  const recorded: Recorded = { connections: [], sockets: [] }
  Object.assign(globalThis, { recorded })
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args: [RTCConfiguration?]) {
      const connection = new target(...args)
      recorded.connections.push(connection)
      return connection
    },
  })
  globalThis.WebSocket = new Proxy(WebSocket, {
    construct(target, args: [string, string[]?]) {
      const socket = new target(...args)
      recorded.sockets.push(socket)
      return socket
    },
  })
}

/**
 * Opens a room as somebody new, up to where the call can be joined.
 *
 * @param prepare runs in the page before its own scripts
 */
export async function openRoom(browser: TestBrowser, server: TestServer, room: string, name: string, options: { context?: BrowserContextOptions, prepare?: () => void } = {}): Promise<Caller> {
  const participant = await browser.participant(server.url, options.context)
  await participant.page.addInitScript(record)
  if (options.prepare) await participant.page.addInitScript(options.prepare)
  await participant.context.request.post('/api/session', { data: { name } })
  await participant.page.goto(`/r/${room}`)
  return { ...participant, name }
}

/** Joins the call through the pre-join, as a person does. */
export async function joinCall(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
  // Who joins before the devices are there joins without them.
  await page.getByText('Others will see and hear you.').waitFor()
  await page.getByRole('button', { name: 'Join now' }).click()
  await page.getByRole('toolbar', { name: 'Call controls' }).waitFor()
}

/** Opens a room and joins its call. */
export async function enterCall(...args: Parameters<typeof openRoom>): Promise<Caller> {
  const caller = await openRoom(...args)
  await joinCall(caller.page)
  return caller
}

/** The frames decoded by each live connection of a page, in one media section. */
export function decoded(page: Page, mid = CAMERA): Promise<Decoded> {
  return page.evaluate(async (mid) => {
    const { connections } = (globalThis as unknown as { recorded: Recorded }).recorded
    const frames: Decoded = {}
    for (const [index, connection] of connections.entries()) {
      if (connection.connectionState !== 'connected') continue
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'inbound-rtp' && report.kind === 'video' && report.mid === mid) frames[index] = report.framesDecoded
      }
    }
    return frames
  }, mid)
}

/**
 * Waits until a page decodes moving pictures of so many others: frames that rise, not an element that is there.
 *
 * @returns milliseconds it took
 */
export async function seesMoving(page: Page, others: number, options: { mid?: string, timeout?: number } = {}): Promise<number> {
  const start = performance.now()
  const before = await decoded(page, options.mid)
  await waitFor(async () => {
    const now = await decoded(page, options.mid)
    const rising = Object.keys(now).filter(index => (now[index] ?? 0) > (before[index] ?? 0) + 2)
    return rising.length === others && Object.keys(now).length === others
  }, { timeout: options.timeout ?? 20_000, interval: 100, what: `moving pictures of ${others} others` })
  return performance.now() - start
}

/** How many connections a page has ever opened. */
export function connectionsMade(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { recorded: Recorded }).recorded.connections.length)
}

/** Closes a page's live connections underneath the product: no event tells it. */
export function closeUnderneath(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const connection of (globalThis as unknown as { recorded: Recorded }).recorded.connections) connection.close()
  })
}

/** Cuts a page's signalling sockets; the product opens new ones by itself. */
export function cutSignalling(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { sockets } = (globalThis as unknown as { recorded: Recorded }).recorded
    const open = sockets.filter(socket => socket.readyState === WebSocket.OPEN)
    for (const socket of open) socket.close()
    return open.length
  })
}

/** A tile of the stage by its name. */
export function tile(page: Page, name: string) {
  return page.getByRole('article', { name, exact: true })
}

/** What a page may send of its camera to each of the others, and what it sends. */
export interface SentPicture {
  /** Bits per second, at most. */
  cap: number
  /** Lines, at most. */
  capLines: number
  /** Lines of the newest encoded picture. */
  lines: number
}

/** The camera as it is sent over each live connection of a page. */
export function sentPictures(page: Page): Promise<SentPicture[]> {
  return page.evaluate(async () => {
    const { connections } = (globalThis as unknown as { recorded: Recorded }).recorded
    return Promise.all(connections.filter(connection => connection.connectionState === 'connected').map(async (connection) => {
      const { sender } = connection.getTransceivers()[1] as RTCRtpTransceiver
      const encoding = sender.getParameters().encodings[0]
      const stats = [...(await sender.getStats()).values()].find(report => report.type === 'outbound-rtp')
      return {
        cap: encoding?.maxBitrate ?? Number.POSITIVE_INFINITY,
        capLines: Math.round((sender.track?.getSettings().height ?? 0) / (encoding?.scaleResolutionDownBy ?? 1)),
        lines: stats?.frameHeight ?? 0,
      }
    }))
  })
}
