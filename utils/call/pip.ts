/** How a browser can show the call over other windows: a small page of ours, one video, or not at all. */
export type PipKind = 'document' | 'video'

/** Document Picture-in-Picture (https://wicg.github.io/document-picture-in-picture/), which no list of types has yet. */
interface PipOpener {
  requestWindow: (options: { width: number, height: number }) => Promise<Window>
}
type PipScope = { documentPictureInPicture?: PipOpener, document: Pick<Document, 'pictureInPictureEnabled'> }

/** What this browser can do; undefined for nothing. */
export function pipKind(scope: PipScope = window as unknown as PipScope): PipKind | undefined {
  if (scope.documentPictureInPicture) return 'document'
  return scope.document.pictureInPictureEnabled ? 'video' : undefined
}

/**
 * Opens a window that stays over all others, with the looks of this page, dark as a call is. Only in a click.
 *
 * @throws DOMException where the browser does not let it
 */
export async function openPipWindow(size: { width: number, height: number }): Promise<Window> {
  const opener = (window as unknown as PipScope).documentPictureInPicture
  if (!opener) throw new DOMException('no picture in picture', 'NotSupportedError')
  const opened = await opener.requestWindow(size)
  const { document: inside } = opened
  inside.documentElement.lang = document.documentElement.lang
  inside.documentElement.className = 'dark'
  inside.title = document.title
  for (const sheet of document.styleSheets) inside.head.append(copyOf(sheet, inside))
  return opened
}

/** The rules as they stand, which scripts may have added to; of a sheet that cannot be read, its address. */
function copyOf(sheet: CSSStyleSheet, inside: Document): HTMLElement {
  try {
    const style = inside.createElement('style')
    style.textContent = [...sheet.cssRules].map(rule => rule.cssText).join('\n')
    return style
  } catch {
    return Object.assign(inside.createElement('link'), { rel: 'stylesheet', href: sheet.href ?? '' })
  }
}
