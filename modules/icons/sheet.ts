/** What an Iconify set holds of each icon: the inside of an `<svg>`, and of an alias whose it is. */
export interface IconSet {
  prefix: string
  width?: number
  height?: number
  icons: Record<string, { body: string, width?: number, height?: number }>
  aliases?: Record<string, { parent: string }>
}

const BASE = '.iconify{display:inline-block;width:1em;height:1em;background-color:currentColor;'
  + '-webkit-mask:var(--icon) no-repeat center/100% 100%;mask:var(--icon) no-repeat center/100% 100%}'

/**
 * The stylesheet of all icons that are named in some text as `i-SET-NAME`.
 *
 * @param text sources and settings
 * @param set the icons there are
 * @returns CSS in the layer of components, so that utilities give size and colour
 * @throws Error when the text names an icon the set does not have
 */
export function iconSheet(text: string, set: IconSet): string {
  const names = [...new Set([...text.matchAll(new RegExp(`\\bi-${set.prefix}-([a-z0-9]+(?:-[a-z0-9]+)*)`, 'g'))].map(match => match[1]!))].sort()
  const rules = names.map((name) => {
    const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent ?? '']
    if (!icon) throw new Error(`there is no icon ${set.prefix}-${name}`)
    return `.i-${set.prefix}-${name}{--icon:url("${dataUrl(icon, set)}")}`
  })
  return `@layer components{${BASE}${rules.join('')}}`
}

function dataUrl({ body, width, height }: IconSet['icons'][string], set: IconSet): string {
  const box = `0 0 ${width ?? set.width ?? 16} ${height ?? set.height ?? 16}`
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='${box}'>${body.replaceAll('"', '\'').replaceAll('currentColor', '#000')}</svg>`
  return `data:image/svg+xml,${svg.replace(/[%#<>{}]/g, encodeURIComponent)}`
}
