/** What systems call a camera that looks away from its user. */
const AWAY = /\b(?:back|rear|environment|world)\b/i

/**
 * Whether a camera looks at its user, so that one sees oneself as in a mirror. Where the browser does not say, its name
 * tells; a webcam does.
 */
export function facesUser(track: Pick<MediaStreamTrack, 'getSettings' | 'label'>): boolean {
  const { facingMode } = track.getSettings()
  return facingMode === undefined ? !AWAY.test(track.label) : facingMode !== 'environment'
}
