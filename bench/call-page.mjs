/**
 * What runs in the page of somebody who calls: it keeps the connections the product makes, and reads them.
 *
 * @typedef {object} Sent
 * @property {number} lines of the picture as encoded; 0 before the first
 * @property {number} fps
 * @property {number} bytes so far, of sound and picture
 * @property {number} frames encoded so far
 * @property {number} capLines the lines the product allows
 * @property {number} capKbit the kbit/s the product allows the picture
 * @property {number} capFps
 * @property {string} limited what keeps the browser from more
 *
 * @typedef {object} Received
 * @property {number} frames decoded so far
 * @property {boolean} isSmall whether it comes from somebody without a browser, whose picture is 4:3
 *
 * @typedef {{ sent: Sent[], received: Received[] }} Reading
 */

/** Keeps every connection, and when a button was last clicked. Goes into the page before its own scripts. */
function record() {
  /** @type {{ connections: RTCPeerConnection[], clickedAt: number, [name: string]: any }} */
  const recorded = { connections: [], clickedAt: 0 }
  Object.assign(globalThis, { recorded })
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args) {
      const connection = new target(...args)
      recorded.connections.push(connection)
      return connection
    },
  })
  addEventListener('click', () => {
    recorded.clickedAt = performance.now()
  }, true)
  recorded.read = async () => {
    const live = recorded.connections.filter(one => one.connectionState === 'connected')
    /** @type {Reading} */
    const reading = { sent: [], received: [] }
    for (const connection of live) {
      const stats = [...(await connection.getStats()).values()]
      const sender = connection.getTransceivers()[1]?.sender
      const encoding = sender?.getParameters().encodings[0] ?? {}
      const picture = stats.find(one => one.type === 'outbound-rtp' && one.mid === '1')
      const camera = stats.find(one => one.type === 'inbound-rtp' && one.mid === '1')
      const bytes = stats.filter(one => one.type === 'outbound-rtp').reduce((sum, one) => sum + one.bytesSent, 0)
      reading.sent.push({
        lines: picture?.frameHeight ?? 0, fps: picture?.framesPerSecond ?? 0, bytes, frames: picture?.framesEncoded ?? 0,
        capLines: Math.round((sender?.track?.getSettings().height ?? 0) / (encoding.scaleResolutionDownBy ?? 1)),
        capKbit: (encoding.maxBitrate ?? 0) / 1000, capFps: encoding.maxFramerate ?? 0, limited: picture?.qualityLimitationReason ?? 'none',
      })
      reading.received.push({ frames: camera?.framesDecoded ?? 0, isSmall: camera ? camera.frameWidth * 3 === camera.frameHeight * 4 : false })
    }
    return reading
  }
  // Often, because the first picture is waited for with a clock, but only then.
  recorded.decodes = async ({ others, ms }) => {
    for (const end = performance.now() + ms; performance.now() < end;) {
      const { received } = await recorded.read()
      if (received.filter(one => one.frames > 0).length >= others) return performance.now() - recorded.clickedAt
      await new Promise(resolve => setTimeout(resolve, 30))
    }
    throw new Error(`no pictures of ${others} others within ${ms} ms`)
  }
}

/** @param {import('playwright-core').Page} page */
export function prepare(page) {
  return page.addInitScript(record)
}

/** @param {import('playwright-core').Page} page @returns {Promise<Reading>} */
export function read(page) {
  return page.evaluate(() => globalThis.recorded.read())
}

/**
 * Waits until a page has decoded pictures of so many others.
 *
 * @param {import('playwright-core').Page} page
 * @param {number} others
 * @param {number} ms how long it waits
 * @returns {Promise<number>} milliseconds since a button was last clicked
 */
export function decodes(page, others, ms) {
  return page.evaluate(wanted => globalThis.recorded.decodes(wanted), { others, ms })
}
