import { useRequestFetch } from '#imports'
import type { PersonasApi } from '../../utils/personas/personas-api'
import { createPersonasApi } from '../../utils/personas/personas-api'

/** The server's routes for personas: while rendering on the server, asked with the visitor's own cookie. */
export function usePersonasApi(): PersonasApi {
  const request = useRequestFetch() as (path: string, options?: object) => Promise<unknown>
  return createPersonasApi((path, options) => request(path, options))
}
