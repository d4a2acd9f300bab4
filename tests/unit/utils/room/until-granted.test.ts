import { describe, expect, it, vi } from 'vitest'
import { ChatError } from '../../../../utils/connection/chat-error'
import { untilGranted } from '../../../../utils/room/until-granted'

const late = () => new ChatError({ code: 'unavailable', message: 'late', retryable: true, retry_after_ms: 7 })

/** A connection that tests switch, and a server behind it. */
function world(answers: (() => Promise<string>)[]) {
  let isReady = false
  let opened: (() => void)[] = []
  const pause = vi.fn(() => Promise.resolve())
  const ask = vi.fn(() => answers.shift()!())
  return {
    pause, ask,
    isReady: () => isReady,
    ready: () => isReady ? Promise.resolve() : new Promise<void>(resolve => opened.push(resolve)),
    connect(on: boolean) {
      isReady = on
      if (on) for (const resolve of opened) resolve()
      if (on) opened = []
    },
  }
}

describe('a toggle pressed without a connection', () => {
  it('waits for one, however long that takes, and for the next where that breaks', async () => {
    const server = world([() => {
      server.connect(false)
      return Promise.reject(late())
    }, () => Promise.resolve('granted')])
    const done = untilGranted(server)
    await Promise.resolve()
    expect(server.ask).not.toHaveBeenCalled()
    server.connect(true)
    await vi.waitFor(() => expect(server.ask).toHaveBeenCalledTimes(1))
    expect(server.pause).not.toHaveBeenCalled()
    server.connect(true)
    expect(await done).toBe('granted')
  })

  it('is refused by a refusal alone, or by a server that does not answer while it is there', async () => {
    const refusing = world([() => Promise.reject(new ChatError({ code: 'forbidden', message: 'no', retryable: false }))])
    refusing.connect(true)
    await expect(untilGranted(refusing)).rejects.toMatchObject({ code: 'forbidden' })
    const silent = world(Array.from({ length: 3 }, () => () => Promise.reject(late())))
    silent.connect(true)
    await expect(untilGranted({ ...silent, tries: 3 })).rejects.toMatchObject({ code: 'unavailable' })
    expect(silent.pause.mock.calls).toEqual([[7], [7]])
  })

  it('is nobody\'s once somebody else is here', async () => {
    const server = world([])
    const done = untilGranted({ ...server, isWanted: () => false })
    server.connect(true)
    expect(await done).toBeUndefined()
    expect(server.ask).not.toHaveBeenCalled()
  })
})
