import type { Page } from 'playwright-core'

/**
 * How much a colour of an element stands out from the ground around it (WCAG 2.2, contrast ratio).
 *
 * @param property of the computed style, such as `outlineColor`
 * @param pseudo a part of the element whose style it is
 * @returns 1 for none to 21
 */
export function contrast(page: Page, selector: string, property: 'color' | 'outlineColor', pseudo?: string): Promise<number> {
  return page.locator(selector).first().evaluate((element, { property, pseudo }) => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (!pen) throw new Error('no canvas')
    const paint = (color: string) => {
      pen.fillStyle = color
      pen.fillRect(0, 0, 1, 1)
    }
    const luminance = () => {
      const [red = 0, green = 0, blue = 0] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const around: Element[] = []
    for (let at: Element | null = property === 'outlineColor' ? element.parentElement : element; at; at = at.parentElement) around.unshift(at)
    paint('white')
    for (const one of around) paint(getComputedStyle(one).backgroundColor)
    const ground = luminance()
    const style = getComputedStyle(element, pseudo)
    pen.globalAlpha = Number(style.opacity)
    paint(style[property])
    const [dark = 0, bright = 0] = [ground, luminance()].sort((a, b) => a - b)
    return (bright + 0.05) / (dark + 0.05)
  }, { property, pseudo })
}
