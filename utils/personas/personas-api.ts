import type { AnswerTo } from '#shared/protocol/http'
import type { PersonaSettings } from '#shared/protocol/persona'
import type { ApiRequest } from '../app/api'
import { createApiCall } from '../app/api'

type Kept = AnswerTo<'GET /api/personas'>

/** A persona as those see it who keep it (AGT-8). */
export type KeptPersona = Kept['personas'][number]

/** An engine a persona may choose, whether this server reaches it, and what answers where no model is named. */
export type EngineStatus = Kept['engines'][number]

/** A version of a persona: who made it when, and what it was since. */
export type PersonaVersion = AnswerTo<'GET /api/personas/[id]/versions'>['versions'][number]

/** What a persona used of its budget in this hour (AGT-12). */
export type PersonaUsage = AnswerTo<'GET /api/personas/usage'>['usage'][number]

/** The server's routes for those who keep the personas. Every method rejects with a `ChatError`. */
export interface PersonasApi {
  list: () => Promise<Kept>
  versions: (id: string) => Promise<PersonaVersion[]>
  /** Makes a new version, if `version` is still the newest. */
  save: (id: string, settings: PersonaSettings, version: number) => Promise<KeptPersona>
  /** Deletes it, or makes what the product brings as it was at first. */
  remove: (id: string, version: number) => Promise<void>
  usage: () => Promise<PersonaUsage[]>
}

/** Builds the routes. */
export function createPersonasApi(request: ApiRequest): PersonasApi {
  const call = createApiCall(request)
  return {
    list: () => call('/api/personas'),
    versions: async id => (await call<AnswerTo<'GET /api/personas/[id]/versions'>>(`/api/personas/${encodeURIComponent(id)}/versions`)).versions,
    save: (id, settings, version) => call(`/api/personas/${encodeURIComponent(id)}`, { method: 'PUT', body: { ...settings, version } }),
    remove: (id, version) => call(`/api/personas/${encodeURIComponent(id)}`, { method: 'DELETE', query: { version } }),
    usage: async () => (await call<AnswerTo<'GET /api/personas/usage'>>('/api/personas/usage')).usage,
  }
}
