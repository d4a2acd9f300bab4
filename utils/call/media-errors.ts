/** Why a device or screen could not be had, or ended, as the page words it. */
export type MediaProblem = 'denied' | 'none' | 'busy' | 'unfit' | 'insecure' | 'unplugged' | 'revoked' | 'failed'

/** Whether a device is there and in use: by another program or, on phones, by this page. */
export function isTaken(error: unknown): boolean {
  return mediaProblem(error) === 'busy'
}

/**
 * Names the reason of a refused `getUserMedia` or `getDisplayMedia`.
 *
 * @param error what was thrown; names as in the Media Capture specification, and Chromium's and Firefox's own
 */
export function mediaProblem(error: unknown): MediaProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'none'
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy'
    case 'OverconstrainedError':
      return 'unfit'
    case 'TypeError':
      return 'insecure'
    default:
      return 'failed'
  }
}
