import { describe, expect, it } from 'vitest'
import { byteLength, initials, randomRoomName, roomNameFrom } from '../../../../utils/app/text'

describe('text', () => {
  it.each([
    ['Team Standup', 'team-standup'], ['  Café  Überraschung! ', 'cafe-uberraschung'], ['a'.repeat(80), 'a'.repeat(64)], ['--x--', 'x'], ['日本', ''],
  ])('[ROOM-1] makes %j the room name %j', (title, name) => {
    expect(roomNameFrom(title)).toBe(name)
  })

  it('[ROOM-1] makes random names that are valid', () => {
    for (let i = 0; i < 200; i++) expect(randomRoomName()).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/)
  })

  it('takes initials by character, not by code unit', () => {
    expect(initials('Ann Lee')).toBe('AL')
    expect(initials('😀 smile')).toBe('😀S')
    expect(initials('🇩🇪 Ann')).toBe('🇩🇪A')
    expect(initials('👩‍💻')).toBe('👩‍💻')
    expect(initials('')).toBe('')
  })

  it('[FRM-5] counts bytes, not characters', () => {
    expect(byteLength('é😀')).toBe(6)
  })
})
