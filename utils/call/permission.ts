/** What a browser may ask a person for. */
export type MediaPermission = 'microphone' | 'camera'

/**
 * How a permission stands; undefined where the browser does not tell.
 *
 * @param name as in the W3C's Permissions and Media Capture specifications
 */
export async function permissionOf(name: MediaPermission): Promise<PermissionState | undefined> {
  try {
    const { state } = await navigator.permissions.query({ name: name as PermissionName })
    return state
  } catch {
    return undefined
  }
}
