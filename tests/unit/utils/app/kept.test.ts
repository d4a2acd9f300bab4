import { describe, expect, it } from 'vitest'
import { keptKey, moveKept, readKept, writeKept } from '../../../../utils/app/kept'

/** As a browser's: its keys are its properties. */
function storage(): Storage {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value
    },
    removeItem(this: Record<string, string>, key: string) {
      Reflect.deleteProperty(this, key)
    },
  }
  return Object.create(methods) as Storage
}

describe('what is kept for a person', () => {
  it('is not the next one\'s, and is there when they come back', () => {
    const browser = storage()
    writeKept(browser, 'draft', 'ann', 'room', 'of Ann')
    expect(readKept(browser, 'draft', 'bob', 'room')).toBe('')
    writeKept(browser, 'draft', 'bob', 'room', 'of Bob')
    expect(readKept(browser, 'draft', 'ann', 'room')).toBe('of Ann')
    writeKept(browser, 'draft', 'ann', 'room', '')
    expect(Object.keys(browser)).toEqual([keptKey('draft', 'bob', 'room')])
  })

  it('what was kept before there were names goes to one person, once', () => {
    const browser = storage()
    browser.setItem('lastra:draft:room', 'old')
    expect(readKept(browser, 'draft', 'ann', 'room')).toBe('old')
    expect(readKept(browser, 'draft', 'bob', 'room')).toBe('')
  })

  it('drafts go along when a session ran out, and overwrite nothing', () => {
    const browser = storage()
    writeKept(browser, 'draft', 'ann', 'one', 'first')
    writeKept(browser, 'draft', 'ann', 'two', 'second')
    writeKept(browser, 'draft', 'ann2', 'two', 'newer')
    moveKept(browser, 'ann', 'ann2')
    expect([readKept(browser, 'draft', 'ann2', 'one'), readKept(browser, 'draft', 'ann2', 'two')]).toEqual(['first', 'newer'])
  })
})
