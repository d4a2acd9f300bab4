import type { Locator, Page } from 'playwright-core'

/** A window somebody may have in a call: its size in CSS pixels, and how far it is zoomed. */
export interface Window { name: string, width: number, height: number, zoom?: number }

export const WINDOWS: readonly Window[] = [
  { name: 'a desk', width: 1440, height: 900 },
  { name: 'a small desk', width: 1024, height: 768 },
  { name: 'a flat desk', width: 1280, height: 500 },
  { name: 'a phone on its side', width: 844, height: 390 },
  { name: 'a phone', width: 390, height: 844 },
  { name: 'a small phone', width: 320, height: 640 },
  { name: 'a desk at 200 %', width: 720, height: 450, zoom: 2 },
  { name: 'a desk at 400 %', width: 360, height: 225, zoom: 4 },
]

/**
 * What keeps a control from being pressed: undefined when it is in the window and nothing lies on it.
 *
 * @returns a sentence for an assertion, with the control's name
 */
export async function obstacle(control: Locator): Promise<string | undefined> {
  return control.evaluate((element) => {
    const name = element.getAttribute('aria-label') ?? element.textContent?.trim()
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    if (width < 40 || height < 40) return `${name} is ${Math.round(width)}×${Math.round(height)}`
    if (left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5) return `${name} is outside of the window`
    for (const [x, y] of [[left + width / 2, top + height / 2], [left + 6, top + 6], [right - 6, bottom - 6]] as const) {
      const hit = document.elementFromPoint(x, y)
      if (!hit || !element.contains(hit)) return `${name} is covered by ${hit?.outerHTML.slice(0, 80)}`
    }
    return undefined
  })
}

/** The controls that may never be out of reach in a call. */
export function vital(page: Page): Locator[] {
  const bar = page.getByRole('toolbar', { name: 'Call controls' })
  return [bar.getByRole('button', { name: /^Microphone:/ }), bar.getByRole('button', { name: 'Leave', exact: true })]
}

/** The panes a window of the call can show, by the control that chooses each. */
export async function choosePane(page: Page, pane: 'Call' | 'Chat' | 'People'): Promise<void> {
  const tab = page.getByRole('tab', { name: new RegExp(`^${pane}`) })
  if (await tab.isVisible()) return tab.click()
  // Beside each other: the call is what is left when the side is hidden.
  const hide = page.getByRole('button', { name: 'Hide chat and people' })
  if (pane === 'Call') return await hide.isVisible() ? hide.click() : undefined
  const button = page.getByRole('toolbar', { name: 'Call controls' }).getByRole('button', { name: new RegExp(`^${pane}`) })
  if (await button.getAttribute('aria-expanded') !== 'true') await button.click()
}

/**
 * How bright the ground of a part of the page is: that of the nearest element with one.
 *
 * @returns 0 for black to 1 for white
 */
export async function brightness(page: Page, selector: string): Promise<number> {
  return page.locator(selector).first().evaluate((element) => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (!pen) throw new Error('no canvas')
    for (let at: Element | null = element; at; at = at.parentElement) {
      pen.clearRect(0, 0, 1, 1)
      pen.fillStyle = getComputedStyle(at).backgroundColor
      pen.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data
      if (alpha > 250) return (red + green + blue) / 3 / 255
    }
    return 1
  })
}

/** Runs in a page before its own scripts: adds up what moves without being asked to. */
export function watchShifts(): void {
  const sum = { value: 0 }
  Object.assign(globalThis, { shiftSum: sum })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number, hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) sum.value += entry.value
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

/** The cumulative layout shift of a page that was watched from its start. */
export function shifts(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { shiftSum: { value: number } }).shiftSum.value)
}
