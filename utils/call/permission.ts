/** What a browser may ask a person for. */
export type MediaPermission = 'microphone' | 'camera'

/**
 * Follows a permission that a person may change in the browser's own settings at any time; does nothing where it does not tell.
 *
 * @returns a function that ends it
 */
export function followPermission(name: MediaPermission, changed: (state: PermissionState) => void): () => void {
  const following = new AbortController()
  const follow = async () => {
    const status = await navigator.permissions.query({ name: name as PermissionName })
    if (!following.signal.aborted) status.addEventListener('change', () => changed(status.state), { signal: following.signal })
  }
  follow().catch(() => undefined)
  return () => following.abort()
}

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
