import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'
import { useKeptEdit } from '~/composables/chat/useKeptEdit'
import { memoryStorage } from '../../../support/storage'

const edit = { text: 'old', draft: 'half n', messageId: 'm1', seq: 3 }
let scopes: EffectScope[] = []
let all = memoryStorage()

/** A tab: its own storage, and the one of all. */
function open(tab = memoryStorage(), userId = 'ann') {
  const scope = effectScope()
  scopes.push(scope)
  return { tab, scope, ...scope.run(() => useKeptEdit({ room: 'r', userId: () => userId, tab, all }))! }
}
const leave = () => window.dispatchEvent(new Event('pagehide'))

beforeEach(() => {
  all = memoryStorage()
})
afterEach(() => {
  for (const scope of scopes) scope.stop()
  scopes = []
})

describe('an edit in progress', () => {
  it('outlives a reload, in its own tab and in no other', () => {
    const first = open()
    first.keep(edit)
    expect(open().take(), 'a tab beside it').toBeUndefined()
    leave()
    first.scope.stop()
    expect(open(first.tab).take()).toEqual(edit)
    expect(open().take(), 'a tab opened after the reload').toBeUndefined()
  })

  it('of a tab that was closed is taken over by the next one, once', () => {
    const first = open()
    first.keep(edit)
    leave()
    first.scope.stop()
    expect(open().take()).toEqual(edit)
    expect(open().take()).toBeUndefined()
  })

  it('is nobody else\'s, is forgotten with its end, and is nothing where what is kept makes no sense', () => {
    const first = open()
    first.keep(edit)
    leave()
    expect(open(first.tab, 'bob').take()).toBeUndefined()
    first.forget()
    all = memoryStorage()
    expect(open(first.tab).take()).toBeUndefined()
    for (const broken of ['{', 'null', '{"text":"a"}', '{"text":1,"pendingId":"p"}']) {
      const tab = memoryStorage()
      tab.setItem('lastra:edit:ann:r', broken)
      expect(open(tab).take(), broken).toBeUndefined()
    }
  })
})
