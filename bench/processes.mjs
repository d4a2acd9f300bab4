import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** @returns {{ parent: number, seconds: number } | undefined} undefined for a process that is gone */
function lookAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name is in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND }
  } catch {
    return undefined
  }
}

/**
 * The processor time a process and all that come from it have used so far.
 *
 * @param {number} root its id
 * @returns {number} seconds
 */
export function treeSeconds(root) {
  const all = new Map(readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap((name) => {
    const found = lookAt(name)
    return found ? [[Number(name), found]] : []
  }))
  const isBelow = pid => pid === root || (all.has(pid) && isBelow(all.get(pid)?.parent))
  return [...all].filter(([pid]) => isBelow(pid)).reduce((sum, [, { seconds }]) => sum + seconds, 0)
}

/**
 * The id of a browser's first process, the parent of all others.
 *
 * @param {import('playwright-core').Browser} browser
 */
export async function browserPid(browser) {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  return /** @type {{ id: number }} */ (processInfo.find(({ type }) => type === 'browser')).id
}
