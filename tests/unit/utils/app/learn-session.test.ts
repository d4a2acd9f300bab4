import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useSessionStore } from '../../../../stores/session'
import { ChatError, unavailable } from '../../../../utils/connection/chat-error'
import { learnSession, whoIsHere } from '../../../../utils/app/learn-session'

const ann = { id: 'u1', name: 'Ann', role: 'guest' as const }
const nobody = new ChatError({ code: 'unauthorized', message: 'sign in first', retryable: false })
const answers = (answer: typeof ann | ChatError) => ({ session: async () => answer instanceof ChatError ? Promise.reject(answer) : answer })

describe('who is here', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('is what the server says', async () => {
    const session = useSessionStore()
    await learnSession(answers(ann), session)
    expect(session.user).toEqual(ann)
    await learnSession(answers(nobody), session)
    expect(session.user).toBeNull()
  })

  it('stays open while the server does not say, so that nobody is taken for a newcomer', async () => {
    const session = useSessionStore()
    await learnSession(answers(unavailable('The server could not be reached.')), session)
    expect(session.user).toBeUndefined()
    await expect(whoIsHere(answers(unavailable('away')))).rejects.toMatchObject({ code: 'unavailable' })
    expect(await whoIsHere(answers(nobody))).toBeNull()
  })
})
