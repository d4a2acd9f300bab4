import { useRequestFetch } from '#imports'
import type { Api } from '../../utils/app/api'
import { createApi } from '../../utils/app/api'

/** The server's routes for page data: while rendering on the server, asked with the visitor's own cookie. */
export function useServerApi(): Api {
  const request = useRequestFetch() as (path: string, options?: object) => Promise<unknown>
  return createApi((path, options) => request(path, options))
}
