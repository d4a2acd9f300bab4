import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRoomLog } from '../../../../server/log/room-log'
import type { RoomLog } from '../../../../server/log/types'
import { wordsOf } from '../../../../server/log/words'
import type { User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

let database: TestDatabase
let ann: User
let log: RoomLog
let rooms = 0

beforeAll(async () => {
  database = await createTestDatabase()
  ann = await database.addUser('Ann')
  log = createRoomLog(database.handle)
})
afterAll(async () => {
  await log.drained()
  await database.dispose()
})

/** A room with these messages. @returns what a question finds in it, by `seq` */
async function roomOf(...texts: string[]): Promise<(question: string) => Promise<number[]>> {
  const { id } = await database.addRoom(`room-${++rooms}`, await database.addUser('Host'))
  for (const text of texts) await log.append(id, { type: 'message', userId: ann.id, userName: ann.name, content: { text, type: 'user', actor_type: 'client', format: 'markdown' } })
  return async question => (await log.search(id, question, 50)).map(message => message.seq)
}

describe('search in every script', () => {
  it.each([
    ['Chinese', '今天上海天气很好', ['上海', '海天', '天气很好', '上海 天气'], ['北京', '海上']],
    ['Japanese', '昨日の検索エンジンは速い', ['検索', 'エンジン', '速い', 'ｴﾝｼﾞﾝ'], ['索検']],
    ['Korean', '통합검색을 해보세요', ['검색', '통합검색', '해보'], ['색검']],
    ['Thai', 'ฉันรักประเทศไทยมาก', ['ประเทศ', 'ไทย'], ['ลาว']],
    ['Hindi', 'मुझे हिन्दी पसंद है', ['हिन्दी', 'पसंद'], ['मराठी']],
    ['Arabic', 'مرحبا بالعالم', ['مرحبا', 'بالعالم'], ['وداعا']],
    ['accents', 'Un café à Łódź, grüße aus der Straße', ['cafe', 'CAFÉ', 'lodz', 'Grusse', 'strasse', 'Straße'], ['kafe']],
    ['Greek', 'Ο ΔΡΌΜΟΣ είναι μακρύς', ['δρόμος', 'δρομοσ', 'ΜΑΚΡΥΣ'], ['δρα']],
    ['mixed', '我用iPhone手机看C++书', ['iphone', '手机', 'c++', 'iPhone手机'], ['android']],
  ])('%s', async (_script, text, finds, findsNot) => {
    const found = await roomOf(text)
    for (const question of finds) expect(await found(question), question).toEqual([1])
    for (const question of findsNot) expect(await found(question), question).toEqual([])
  })

  it('keeps the signs that are part of a name, and no others', async () => {
    const found = await roomOf('We write C++ here.', 'I prefer C#, or C.', 'Coffee is cold', 'made with .NET', 'the net is down', 'ask @ann_b about #123', 'about 123 things', 'mail ann@example.com', 'see https://example.com/a/b?c=d!', 'it costs $5 (50% off)', 'party 🎉 tonight')
    expect(await found('C++')).toEqual([1])
    expect(await found('c#')).toEqual([2])
    expect(await found('.NET')).toEqual([4])
    expect(await found('net')).toEqual([5, 4])
    expect(await found('@ann_b')).toEqual([6])
    expect(await found('#123')).toEqual([6])
    expect(await found('123')).toEqual([7, 6])
    expect(await found('ann@example.com')).toEqual([8])
    expect(await found('https://example.com/a/b?c=d')).toEqual([9])
    expect(await found('example.com')).toEqual([9, 8])
    expect(await found('$5')).toEqual([10])
    expect(await found('50%')).toEqual([10])
    expect(await found('🎉')).toEqual([11])
    expect(await found('(C++), "here"?')).toEqual([1])
    expect(await found('coff')).toEqual([3])
  })

  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'abcXYZ019éßøÅ'), minLength: 1, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(...'上海今天気検索エンジン검색통합ไทย'), minLength: 2, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(...'.@#+%$-_/:,;!?()"\'*\\`|<>&=~'), minLength: 1, maxLength: 3 }),
    fc.constantFrom('привет', 'नमस्ते', 'مرحبا', 'שלום', 'გამარჯობა', '🎉', '👩‍💻', 'Ａｂｃ', 'don’t'),
    fc.constantFrom(' ', '\n', '\t', '　'),
  )

  it('finds any message by any of its words, and by any two characters of it in a script without spaces', async () => {
    await fc.assert(fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }).map(pieces => pieces.join('').trim()).filter(text => text !== ''), fc.string({ unit: 'grapheme', maxLength: 8 }), async (text, strange) => {
      const found = await roomOf(`${text} ${strange}`)
      const questions = new Set(text.split(/\s+/).filter(word => wordsOf(word).length > 0))
      for (const { segment, isWordLike } of new Intl.Segmenter('und', { granularity: 'word' }).segment(text)) if (isWordLike && wordsOf(segment).length > 0) questions.add(segment)
      for (const run of text.match(/[上海今天気検索エンジン검색통합]{2,}/gu) ?? []) for (let n = 0; n + 2 <= run.length; n++) questions.add(run.slice(n, n + 2)).add(run.slice(n))
      for (const word of [strange, ...strange.split(/\s+/)]) if (wordsOf(word).length > 0) questions.add(word)
      for (const question of questions) expect(await found(question), `${JSON.stringify(question)} in ${JSON.stringify(text)}`).toEqual([1])
    }), { numRuns: 60 })
  })
})
