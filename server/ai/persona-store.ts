import type { Kysely } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { PersonaSettings } from '#shared/protocol/persona'
import type { Database } from '../db/schema'
import type { Persona } from './persona'
import { SHIPPED, storedSettings } from './persona'

/** One version of a persona: who made it when, and what it was since. */
export type PersonaVersion = { id: string, version: number, by: string, byName: string, at: string } & (PersonaSettings | { deleted: true })

/** The personas of each organisation. Every version is kept; the newest counts. */
export interface PersonaStore {
  list: (orgId: string) => Promise<Persona[]>
  find: (orgId: string, id: string) => Promise<Persona | undefined>
  /** What is known of an organisation's personas, or of all, is out of date: another node has changed them. */
  forget: (orgId?: string) => void
  /**
   * Stores a new version, and says in the audit trail who did.
   *
   * @param base the version it was made from, 0 where there was none; without it, whichever is the newest
   * @throws ProtocolError `conflict` when there is a newer one by now, or when there are as many personas as there may be
   */
  save: (orgId: string, id: string, settings: PersonaSettings, by: string, base?: number) => Promise<Persona>
  /**
   * Deletes a persona, or makes one that the product brings what it was at first; that is a version too.
   *
   * @returns the persona as it stands then, if it does
   * @throws ProtocolError `not_found`, or `conflict` when there is a newer version by now
   */
  remove: (orgId: string, id: string, by: string, base?: number) => Promise<Persona | undefined>
  /** The newest versions of one persona, newest first. @throws ProtocolError `not_found` for one that never was */
  versions: (orgId: string, id: string) => Promise<PersonaVersion[]>
}

/** What is stored in place of settings where a persona was deleted. */
const DELETED = 'null'

/** @param changed told of an organisation whose personas are others now */
export function createPersonaStore(db: Kysely<Database>, changed: (orgId: string) => void = () => undefined): PersonaStore {
  // Every join and every message in a room with bots asks: what counts now is read once and kept until it changes.
  const current = new Map<string, Promise<Persona[]>>()

  async function read(orgId: string): Promise<Persona[]> {
    const newest = db.selectFrom('personas').select(['id', ({ fn }) => fn.max('version').as('version')]).where('org_id', '=', orgId).groupBy('id').as('newest')
    const rows = await db.selectFrom('personas').innerJoin(newest, join => join.onRef('newest.id', '=', 'personas.id').onRef('newest.version', '=', 'personas.version'))
      .select(['personas.id', 'personas.version', 'settings']).where('org_id', '=', orgId).where('settings', '!=', DELETED).orderBy('personas.id').execute()
    const personas = new Map<string, Persona>(SHIPPED.map(persona => [persona.id, persona]))
    for (const { id, version, settings } of rows) personas.set(id, { id, version, ...storedSettings(id, JSON.parse(settings)) })
    return [...personas.values()]
  }

  function list(orgId: string): Promise<Persona[]> {
    const known = current.get(orgId) ?? read(orgId)
    current.set(orgId, known)
    known.catch(() => current.delete(orgId))
    return known
  }

  async function find(orgId: string, id: string): Promise<Persona | undefined> {
    return (await list(orgId)).find(persona => persona.id === id)
  }

  /** Puts a version on top, if the one it was made from still is. @returns its number */
  async function add(orgId: string, id: string, settings: string, by: string, base: number | undefined, action: string): Promise<number> {
    const at = new Date().toISOString()
    const added = await db.transaction().execute(async (trx) => {
      const newest = await trx.selectFrom('personas').select(['version', 'settings']).where('org_id', '=', orgId).where('id', '=', id).orderBy('version', 'desc').limit(1).executeTakeFirst()
      const stands = newest && newest.settings !== DELETED ? newest.version : 0
      if (base !== undefined && base !== stands) throw new ProtocolError('conflict', 'version: there is a newer one')
      const version = (newest?.version ?? 0) + 1
      // Another node may put the same version on top at this moment: one of the two comes first.
      const { numInsertedOrUpdatedRows } = await trx.insertInto('personas').values({ org_id: orgId, id, version, settings, created_by: by, created_at: at })
        .onConflict(conflict => conflict.doNothing()).executeTakeFirst()
      if (!Number(numInsertedOrUpdatedRows ?? 0)) throw new ProtocolError('conflict', 'version: there is a newer one')
      await trx.insertInto('audit').values({ org_id: orgId, room_id: null, user_id: by, action, detail: JSON.stringify({ persona: id, version }), created_at: at }).execute()
      return version
    })
    current.delete(orgId)
    changed(orgId)
    return added
  }

  return {
    list,
    find,
    forget: orgId => orgId === undefined ? current.clear() : void current.delete(orgId),
    async save(orgId, id, settings, by, base) {
      const personas = await list(orgId)
      if (personas.length >= LIMITS.personas && !personas.some(persona => persona.id === id)) throw new ProtocolError('conflict', `personas: at most ${LIMITS.personas}`)
      return { id, version: await add(orgId, id, JSON.stringify(settings), by, base, 'persona.saved'), ...settings }
    },
    async remove(orgId, id, by, base) {
      if (!await find(orgId, id)) throw new ProtocolError('not_found', 'persona: does not exist')
      const shipped = SHIPPED.find(persona => persona.id === id)
      const settings = shipped && storedSettings(id, shipped)
      const version = await add(orgId, id, settings ? JSON.stringify(settings) : DELETED, by, base, settings ? 'persona.reset' : 'persona.deleted')
      return settings && { id, version, ...settings }
    },
    async versions(orgId, id) {
      const rows = await db.selectFrom('personas').leftJoin('users', 'users.id', 'personas.created_by')
        .select(['version', 'settings', 'created_by', 'users.name', 'personas.created_at']).where('personas.org_id', '=', orgId).where('personas.id', '=', id)
        .orderBy('version', 'desc').limit(LIMITS.personaVersions).execute()
      if (rows.length === 0 && !await find(orgId, id)) throw new ProtocolError('not_found', 'persona: does not exist')
      return rows.map(({ version, settings, created_by, name, created_at }) => ({
        id, version, by: created_by, byName: name ?? '', at: created_at, ...(settings === DELETED ? { deleted: true as const } : storedSettings(id, JSON.parse(settings))),
      }))
    },
  }
}
