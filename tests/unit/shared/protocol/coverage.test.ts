import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { clientFrames, serverFrames } from '../../../fixtures/frames'
import { handlers } from '../../../../server/realtime/handlers'
import { decodeClientFrame } from '#shared/protocol/codec'
import { ENTRY_TYPES, clientFrameSchemas, serverFrameSchemas } from '#shared/protocol/frames'
import type { ClientFrameType, ServerFrameType } from '#shared/protocol/frames'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const spec = readFileSync(join(root, 'shared/protocol/SPEC.md'), 'utf8')
const clientTypes = Object.keys(clientFrameSchemas) as ClientFrameType[]
const serverTypes = Object.keys(serverFrameSchemas) as ServerFrameType[]

/** Whether the specification's rules speak of a frame type: as code, alone or with its fields. */
function isSpecified(type: string): boolean {
  const name = type.replaceAll('.', '\\.')
  return new RegExp(`\`${name}(\`|[ \\n]\\{|[ \\n]\\()`).test(spec)
}

describe('every client frame type', () => {
  test.each(clientTypes)('%s has a handler, a fixture and a rule', (type) => {
    expect(handlers[type]).toBeTypeOf('function')
    expect(decodeClientFrame(JSON.stringify(clientFrames[type]))).toEqual({ ok: true, frame: clientFrames[type] })
    expect(isSpecified(type), `SPEC.md on \`${type}\``).toBe(true)
  })

  test('no handler and no fixture is left from a type that is gone', () => {
    expect(Object.keys(handlers).sort()).toEqual([...clientTypes].sort())
    expect(Object.keys(clientFrames).sort()).toEqual([...clientTypes].sort())
  })
})

describe('every server frame type', () => {
  test.each(serverTypes)('%s has a fixture and a rule', (type) => {
    expect(serverFrameSchemas[type].parse(serverFrames[type])).toEqual(serverFrames[type])
    expect(isSpecified(type), `SPEC.md on \`${type}\``).toBe(true)
  })

  test('[LOG-1] only entries, their replay and an ack carry a seq', () => {
    const carriers = serverTypes.filter(type => 'seq' in serverFrameSchemas[type].shape)
    expect(carriers.sort()).toEqual([...ENTRY_TYPES, 'message.replay', 'ack'].sort())
  })
})

describe('every rule', () => {
  const rules = [...spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].flatMap(match => match[1] ? [match[1]] : [])
  const folder = join(root, 'tests')
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.(test|contract)\.ts$/.test(path))
    .map(path => readFileSync(join(folder, path), 'utf8')).join('\n')

  test('rules are numbered once', () => {
    expect(rules.length).toBeGreaterThan(40)
    expect(new Set(rules).size).toBe(rules.length)
  })

  test.each(rules)('%s is named in a test\'s title', (rule) => {
    expect(tests.includes(`[${rule}]`)).toBe(true)
  })

  test('no test names a rule that does not exist', () => {
    const cited = new Set([...tests.matchAll(/\[([A-Z]{2,4}-\d+)\]/g)].map(match => match[1]))
    expect([...cited].filter(rule => rule && !rules.includes(rule))).toEqual([])
  })
})
