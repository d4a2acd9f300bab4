import { useRequestFetch } from '#imports'
import type { AgentsApi } from '../../utils/agents/agents-api'
import { createAgentsApi } from '../../utils/agents/agents-api'

/** The server's routes for agents: while rendering on the server, asked with the visitor's own cookie. */
export function useAgentsApi(): AgentsApi {
  const request = useRequestFetch() as (path: string, options?: object) => Promise<unknown>
  return createAgentsApi((path, options) => request(path, options))
}
