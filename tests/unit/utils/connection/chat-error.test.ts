import { describe, expect, it } from 'vitest'
import { ChatError, fromFetch } from '../../../../utils/connection/chat-error'

describe('chat error', () => {
  it.each([['userId: make this host a member first', 'Make this host a member first.'], ['You are muted.', 'You are muted.'], ['slow down', 'Slow down.']])('[FRM-4] says %j to people as %j', (message, words) => {
    expect(new ChatError({ code: 'forbidden', message, retryable: false }).message).toBe(words)
  })

  it('[FRM-4] reads an HTTP error body, and takes anything else for a server that is away', () => {
    expect(fromFetch({ data: { code: 'not_found', message: 'no such room', retryable: false } })).toMatchObject({ code: 'not_found', retryable: false })
    expect(fromFetch(new TypeError('Failed to fetch'))).toMatchObject({ code: 'unavailable', retryable: true })
    expect(fromFetch(null)).toMatchObject({ code: 'unavailable' })
  })
})
