import type { EngineName, PersonaSettings } from '#shared/protocol/persona'
import type { ApiRequest } from './api'
import { createApiCall } from './api'

/** The engine and model that speak. */
export interface AnsweredBy { engine: string, model?: string }

/** A persona as those see it who keep it (AGT-8). */
export interface KeptPersona extends PersonaSettings {
  id: string
  version: number
  answeredBy: AnsweredBy
  tokensThisHour: number
  /** Whether the product brings it: it can be reset, not deleted. */
  shipped: boolean
}

/** An engine a persona may choose, whether this server reaches it, and what answers where no model is named. */
export interface EngineStatus { name: EngineName, available: boolean, answeredBy: AnsweredBy }

/** A version of a persona: who made it when, and what it was since. */
export type PersonaVersion = { id: string, version: number, by: string, byName: string, at: string } & (PersonaSettings | { deleted: true })

/** What a persona used of its budget in this hour (AGT-12). */
export interface PersonaUsage { id: string, tokensThisHour: number, tokensPerHour: number }

/** The server's routes for those who keep the personas. Every method rejects with a `ChatError`. */
export interface PersonasApi {
  list: () => Promise<{ personas: KeptPersona[], engines: EngineStatus[] }>
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
    versions: async id => (await call<{ versions: PersonaVersion[] }>(`/api/personas/${encodeURIComponent(id)}/versions`)).versions,
    save: (id, settings, version) => call(`/api/personas/${encodeURIComponent(id)}`, { method: 'PUT', body: { ...settings, version } }),
    remove: (id, version) => call(`/api/personas/${encodeURIComponent(id)}`, { method: 'DELETE', query: { version } }),
    usage: async () => (await call<{ usage: PersonaUsage[] }>('/api/personas/usage')).usage,
  }
}
