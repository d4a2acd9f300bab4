import type { Kysely } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { Database } from '../db/schema'
import type { Persona, PersonaSettings } from './persona'
import { SHIPPED, personaSettings } from './persona'

/** Versions of one persona that are shown. */
const MAX_VERSIONS = 100

/** The personas of each organisation. Every version is kept; the newest counts. */
export interface PersonaStore {
  list: (orgId: string) => Promise<Persona[]>
  find: (orgId: string, id: string) => Promise<Persona | undefined>
  /**
   * Stores a new version, and says in the audit trail who did.
   *
   * @param base the version it was made from; without it, whichever is the newest
   * @throws ProtocolError `conflict` when there is a newer one by now, or when there are as many personas as there may be
   */
  save: (orgId: string, id: string, settings: PersonaSettings, by: string, base?: number) => Promise<Persona>
  /** The versions of one persona, newest first. */
  versions: (orgId: string, id: string) => Promise<(Persona & { by: string, at: string })[]>
}

export function createPersonaStore(db: Kysely<Database>): PersonaStore {
  // Every join and every message in a room with bots asks: what counts now is read once and kept until it changes.
  const current = new Map<string, Promise<Persona[]>>()

  async function read(orgId: string): Promise<Persona[]> {
    const newest = db.selectFrom('personas').select(['id', ({ fn }) => fn.max('version').as('version')]).where('org_id', '=', orgId).groupBy('id').as('newest')
    const rows = await db.selectFrom('personas').innerJoin(newest, join => join.onRef('newest.id', '=', 'personas.id').onRef('newest.version', '=', 'personas.version'))
      .select(['personas.id', 'personas.version', 'settings']).where('org_id', '=', orgId).orderBy('personas.id').execute()
    const personas = new Map<string, Persona>(SHIPPED.map(persona => [persona.id, persona]))
    for (const { id, version, settings } of rows) personas.set(id, { id, version, ...personaSettings.parse(JSON.parse(settings)) })
    return [...personas.values()]
  }

  function list(orgId: string): Promise<Persona[]> {
    const known = current.get(orgId) ?? read(orgId)
    current.set(orgId, known)
    known.catch(() => current.delete(orgId))
    return known
  }

  return {
    list,
    find: async (orgId, id) => (await list(orgId)).find(persona => persona.id === id),
    async save(orgId, id, settings, by, base) {
      const personas = await list(orgId)
      if (personas.length >= LIMITS.personas && !personas.some(persona => persona.id === id)) throw new ProtocolError('conflict', `personas: at most ${LIMITS.personas}`)
      const at = new Date().toISOString()
      const saved = await db.transaction().execute(async (trx) => {
        const { newest } = await trx.selectFrom('personas').select(({ fn }) => fn.max('version').as('newest')).where('org_id', '=', orgId).where('id', '=', id).executeTakeFirstOrThrow()
        if (base !== undefined && base !== Number(newest ?? 0)) throw new ProtocolError('conflict', 'version: there is a newer one')
        const version = Number(newest ?? 0) + 1
        await trx.insertInto('personas').values({ org_id: orgId, id, version, settings: JSON.stringify(settings), created_by: by, created_at: at }).execute()
        await trx.insertInto('audit').values({ org_id: orgId, room_id: null, user_id: by, action: 'persona.saved', detail: JSON.stringify({ persona: id, version }), created_at: at }).execute()
        return { id, version, ...settings }
      })
      current.delete(orgId)
      return saved
    },
    async versions(orgId, id) {
      const rows = await db.selectFrom('personas').selectAll().where('org_id', '=', orgId).where('id', '=', id).orderBy('version', 'desc').limit(MAX_VERSIONS).execute()
      return rows.map(row => ({ id: row.id, version: row.version, ...personaSettings.parse(JSON.parse(row.settings)), by: row.created_by, at: row.created_at }))
    },
  }
}
