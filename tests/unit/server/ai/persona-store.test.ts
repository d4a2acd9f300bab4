import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPersonaStore } from '../../../../server/ai/persona-store'
import type { PersonaStore } from '../../../../server/ai/persona-store'
import { SHIPPED } from '../../../../server/ai/persona'
import { personaId, personaSettings } from '../../../../shared/protocol/persona'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

const POET = personaSettings.parse({ name: 'Poet', instructions: 'You answer in rhyme.' })

describe('personas', () => {
  let database: TestDatabase
  let store: PersonaStore
  let by: string

  beforeEach(async () => {
    database = await createTestDatabase()
    store = createPersonaStore(database.handle.db)
    by = (await database.addUser('Olga')).id
  })
  afterEach(() => database.dispose())

  const ids = async () => (await store.list('main')).map(persona => persona.id)

  it('[AGT-10] a deleted one is gone, its versions stay, and it can be made anew', async () => {
    await store.save('main', 'poet', POET, by, 0)
    await expect(store.remove('main', 'poet', by, 7)).rejects.toMatchObject({ code: 'conflict' })
    expect(await store.remove('main', 'poet', by, 1)).toBeUndefined()
    expect(await ids()).not.toContain('poet')
    await expect(store.remove('main', 'poet', by)).rejects.toMatchObject({ code: 'not_found' })
    await expect(store.save('main', 'poet', POET, by, 2)).rejects.toMatchObject({ code: 'conflict' })
    expect(await store.save('main', 'poet', { ...POET, name: 'Bard' }, by, 0)).toMatchObject({ version: 3, name: 'Bard' })
    expect(await ids()).toContain('poet')
    expect(await store.versions('main', 'poet')).toMatchObject([{ version: 3, name: 'Bard', by, byName: 'Olga' }, { version: 2, deleted: true }, { version: 1, name: 'Poet' }])
  })

  it('[AGT-10] one that the product brings becomes what it was at first', async () => {
    const host = SHIPPED.find(persona => persona.id === 'host')!
    await store.save('main', 'host', POET, by)
    expect(await store.remove('main', 'host', by, 1)).toEqual({ ...host, version: 2 })
    expect(await store.find('main', 'host')).toEqual({ ...host, version: 2 })
    const audit = await database.handle.db.selectFrom('audit').select('action').orderBy('id').execute()
    expect(audit.map(({ action }) => action)).toEqual(['persona.saved', 'persona.reset'])
  })

  it('[AGT-8] of two who start from the same version, one is told', async () => {
    const results = await Promise.allSettled([store.save('main', 'poet', POET, by, 0), store.save('main', 'poet', { ...POET, name: 'Other' }, by, 0)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await store.versions('main', 'poet')).toHaveLength(1)
  })

  it('[BOT-1] an avatar is one emoji or one or two letters, and one stored before that rule is left out', async () => {
    const fits = (avatar: string) => personaSettings.safeParse({ ...POET, avatar }).success
    for (const avatar of ['', '🪶', '👩🏽‍🚀', '🇫🇷', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '❤️', '1️⃣', 'A', 'Ög', 'é', '字']) expect([avatar, fits(avatar)]).toEqual([avatar, true])
    for (const avatar of ['abc', '🪶🪶', '<b>', 'a b', '!', '‮', '\u0301']) expect([avatar, fits(avatar)]).toEqual([avatar, false])
    await database.handle.db.insertInto('personas').values({ org_id: 'main', id: 'old', version: 1, settings: JSON.stringify({ ...POET, avatar: 'long ago' }), created_by: by, created_at: new Date().toISOString() }).execute()
    expect(await store.find('main', 'old')).toMatchObject({ name: 'Poet', avatar: '' })
  })

  it('[AGT-8] no persona is called like a part of the routes', () => {
    for (const id of ['new', 'try', 'usage']) expect(personaId.safeParse(id).success).toBe(false)
    expect(personaId.safeParse('newton').success).toBe(true)
  })
})
