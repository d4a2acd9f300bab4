import type { Browser } from 'playwright-core'

/** Out of each round of so many milliseconds a slowed process runs only a part. */
const ROUND_MS = 50

/**
 * Slows the pages of a browser as a computer does that has no time for them: their processes stand still for a share of
 * every few milliseconds. Other programs on the machine notice nothing.
 *
 * @param still the share of the time, 0 … 1
 * @returns gives them their time back
 */
export async function slowDown(browser: Browser, still: number): Promise<() => void> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  let timer: ReturnType<typeof setTimeout>

  function tell(signal: 'SIGSTOP' | 'SIGCONT') {
    for (const pid of pages) process.kill(pid, signal)
  }
  function stand() {
    tell('SIGSTOP')
    timer = setTimeout(run, ROUND_MS * still)
  }
  function run() {
    tell('SIGCONT')
    timer = setTimeout(stand, ROUND_MS * (1 - still))
  }
  stand()
  return () => {
    clearTimeout(timer)
    tell('SIGCONT')
  }
}
