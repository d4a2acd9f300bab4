import { expect, test } from 'vitest'
import { lineQuery, lineRequest } from '../../../../../server/realtime/transports/line-request'

test('[SSE-1] a stream\'s place is understood in every way its readers say it, and none said is none', () => {
  const place = (query: Record<string, string | string[]>, header?: string) => lineRequest(lineQuery.parse({ room: 'lobby', ...query }), { ...header !== undefined && { 'last-event-id': header } }).fromSeq
  expect(place({}, '7')).toBe(7)
  expect(place({ lastEventId: '7' })).toBe(7)
  // A polyfill adds its own to an address that has one already.
  expect(place({ lastEventId: ['3', '7'] })).toBe(7)
  expect(place({ from_seq: '2', lastEventId: '7' })).toBe(7)
  expect(place({ from_seq: '2', lastEventId: '7' }, '9')).toBe(9)
  for (const [query, header] of [[{}, ''], [{ lastEventId: '' }, undefined], [{ lastEventId: '' }, '']] as const) {
    expect(place(query, header)).toBeUndefined()
    expect(place({ from_seq: '2', ...query }, header)).toBe(2)
  }
  expect(() => place({}, 'x')).toThrow('Last-Event-ID')
  expect(() => place({ lastEventId: '-1' })).toThrow('Last-Event-ID')
})
