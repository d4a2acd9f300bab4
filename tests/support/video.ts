import type { Locator } from 'playwright-core'

/** What a watched picture leaves in the page. */
interface Watched { last: number, longest: number }

/** Begins to note how long the picture of a tile stands still. */
export function watchPicture(tile: Locator): Promise<void> {
  return tile.locator('video').evaluate((element) => {
    const video = element as HTMLVideoElement & { watched?: Watched }
    const watched = video.watched = { last: performance.now(), longest: 0 }
    const frame = () => {
      const now = performance.now()
      watched.longest = Math.max(watched.longest, now - watched.last)
      watched.last = now
      video.requestVideoFrameCallback(frame)
    }
    video.requestVideoFrameCallback(frame)
  })
}

/**
 * How long a watched picture stood still at most, up to now, in milliseconds. A picture whose element was replaced, and
 * which so began anew, was not watched: that fails.
 */
export function pictureGap(tile: Locator): Promise<number> {
  return tile.locator('video').evaluate((element) => {
    const { watched } = element as HTMLVideoElement & { watched?: Watched }
    if (!watched) throw new Error('this picture is not the one that was watched')
    return Math.max(watched.longest, performance.now() - watched.last)
  })
}
