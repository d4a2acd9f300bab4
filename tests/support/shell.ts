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
