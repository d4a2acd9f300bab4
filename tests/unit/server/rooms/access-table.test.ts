import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { PERMISSIONS } from '../../../../server/rooms/access'
import { FRAMES, ROUTES } from '../../../../server/rooms/access-table'
import { httpAnswers } from '../../../../shared/protocol/http'
import { clientFrames } from '../../../fixtures/frames'
import type { ClientFrameOf, ClientFrameType } from '../../../../shared/protocol/frames'

const SERVER = fileURLToPath(new URL('../../../../server/', import.meta.url))
/** Handed to crossws as it is: its gate is the upgrade's. */
const WEBSOCKET = 'api/chat.ws.ts'

const filesUnder = (folder: string): string[] => readdirSync(join(SERVER, folder), { withFileTypes: true, recursive: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts')).map(entry => relative(SERVER, join(entry.parentPath, entry.name)))

/** What a route's file is called in the table. */
function routeOf(file: string): string {
  const [, path, method = 'any'] = /^(.*?)(?:\.(get|post|put|patch|delete))?\.ts$/.exec(file)!
  return `${method.toUpperCase()} /${path!.replace(/\/index$/, '')}`
}

it('[ACC-3] every route of the API stands in the table, is defined under its own name, and the table names no other', () => {
  const files = filesUnder('api').filter(file => file !== WEBSOCKET)
  expect(files.map(routeOf).toSorted()).toEqual(Object.keys(ROUTES).toSorted())
  for (const file of files) {
    const text = readFileSync(join(SERVER, file), 'utf8')
    expect(text, file).toContain(`export default defineRoute('${routeOf(file)}', `)
    expect(text, file).not.toMatch(/defineEventHandler|eventHandler\(/)
  }
})

it('what a route answers is said of routes there are', () => {
  expect(Object.keys(ROUTES)).toEqual(expect.arrayContaining(Object.keys(httpAnswers)))
})

it('[ACC-3] no handler decides by role or membership on its own: that is asked of the one function', () => {
  const decides = /\bmembership\??\.(?:role|muted|removed)\b|\brole [!=]== '|\bkind [!=]== '(?:room|agent)'/
  const files = [...filesUnder('api'), ...filesUnder('realtime/handlers'), ...filesUnder('ai').filter(file => !file.startsWith('ai/built-in/')), ...filesUnder('agents')]
  // Who stands above whom, and what is shown of a standing, is no permission.
  const SHOWN = [
    'realtime/handlers/join.ts', // what `you` are, and one who was removed while they joined
    'realtime/handlers/knock.ts', // why a removed one may not knock
    'api/rooms/[room]/index.get.ts', // whether its reader belongs to it
    'api/transport.get.ts', // how much of the policy is shown
  ]
  expect(files.filter(file => decides.test(readFileSync(join(SERVER, file), 'utf8'))).toSorted()).toEqual(SHOWN.toSorted())
})

it('[ACC-3] every frame names a permission there is, and every permission is asked for', () => {
  const asked = new Set<string>(['edit-any', 'delete-any', 'export', 'invite'])
  for (const type of Object.keys(FRAMES) as ClientFrameType[]) {
    const access = FRAMES[type] as { inRoom?: string | ((frame: unknown) => readonly string[]), atDoor?: string } | 'own'
    if (access === 'own') continue
    const frame = clientFrames[type] as ClientFrameOf<typeof type>
    const named = access.atDoor ? [access.atDoor] : typeof access.inRoom === 'function' ? access.inRoom(frame) : [access.inRoom!]
    expect(named.length, type).toBeGreaterThan(0)
    for (const permission of named) asked.add(permission)
  }
  for (const permission of ['rename', 'lock', 'list']) asked.add(permission)
  for (const access of Object.values(ROUTES)) if (typeof access === 'object') asked.add(Object.values(access)[0]!)
  expect([...asked].toSorted()).toEqual([...PERMISSIONS].toSorted())
})
