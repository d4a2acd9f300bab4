import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { CompiledQuery } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lane } from '../../../../../../server/db/dialects/sqlite/lane'
import { withPreparedStatements } from '../../../../../../server/db/dialects/sqlite/prepared'
import { Turnstile } from '../../../../../../server/db/dialects/sqlite/turns'
import { createStorageGuard } from '../../../../../../server/storage/guard'

describe('turns of the database', () => {
  const rounds: (() => void)[] = []
  let clock = 0
  const turns = () => new Turnstile({ now: () => clock, next: round => rounds.push(round) })
  const round = () => rounds.splice(0).forEach(go => go())
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))

  it('however many wait for a turn, the event loop goes round in between once they took long', async () => {
    const turnstile = turns()
    const done: number[] = []
    const all = Array.from({ length: 10 }, async (_, n) => {
      await turnstile.take()
      clock += 3
      done.push(n)
      turnstile.give()
    })
    await settle()
    expect(done).toEqual([0, 1])
    round()
    await settle()
    expect(done).toEqual([0, 1, 2, 3])
    for (let n = 0; n < 5; n++) {
      round()
      await settle()
    }
    await Promise.all(all)
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('one after the other, each of whom asks when the one before has done, are held up as well', async () => {
    const turnstile = turns()
    let done = 0
    const chain = (async () => {
      for (let n = 0; n < 10; n++) {
        await turnstile.take()
        clock += 3
        done++
        turnstile.give()
      }
    })()
    await settle()
    expect(done).toBe(2)
    for (let n = 0; n < 10; n++) {
      round()
      await settle()
    }
    await chain
  })
})

describe('statements that are a transaction by themselves', () => {
  let folder: string
  let sqlite: SQLite.Database
  let lane: Lane
  const asked: string[] = []

  beforeEach(() => {
    asked.length = 0
    folder = mkdtempSync(join(tmpdir(), 'lastra-lane-'))
    const file = join(folder, 'lane.db')
    sqlite = new SQLite(file)
    sqlite.exec('create table things (name text primary key)')
    const statements = withPreparedStatements(sqlite)
    lane = new Lane({
      sqlite, guard: createStorageGuard([file]),
      statements: { ...statements, prepare: (sql) => {
        asked.push(sql)
        return statements.prepare(sql)
      } },
    })
  })
  afterEach(() => {
    sqlite.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const add = (name: string) => lane.alone(CompiledQuery.raw('insert into things values (?)', [name]))
  const names = () => sqlite.prepare('select name from things order by name').pluck().all()
  const commits = () => asked.filter(sql => sql === 'commit').length

  it('those that wait for the same turn are on disk with one sync, and each is told its own', async () => {
    await lane.begin(false)
    const all = Array.from({ length: 20 }, (_, n) => add(String(n).padStart(2, '0')))
    lane.commit(true)
    lane.leave()
    const results = await Promise.all(all)
    expect(results.every(({ numAffectedRows }) => numAffectedRows === 1n)).toBe(true)
    expect(names()).toHaveLength(20)
    expect(commits()).toBe(2)
  })

  it('one that is refused leaves the others as they are', async () => {
    const [first, again, other] = await Promise.allSettled([add('a'), add('a'), add('b')])
    expect([first.status, again.status, other.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(names()).toEqual(['a', 'b'])
  })

  it('none is told that it is done where the commit failed', async () => {
    sqlite.exec('pragma foreign_keys = on; create table parts (thing text references things deferrable initially deferred)')
    const orphan = lane.alone(CompiledQuery.raw('insert into parts values (?)', ['nothing']))
    const settled = await Promise.allSettled([orphan, add('c')])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(names()).toEqual([])
    await add('d')
    expect(names()).toEqual(['d'])
  })

  it('a statement stays behind a transaction that was asked for before it', async () => {
    await lane.begin(false)
    const before = add('x')
    const begun = lane.begin(false).then(() => {
      const seen = names()
      lane.commit(true)
      lane.leave()
      return seen
    })
    const behind = add('y')
    lane.commit(true)
    lane.leave()
    expect(await begun).toEqual(['x'])
    await Promise.all([before, behind])
    expect(names()).toEqual(['x', 'y'])
  })
})
