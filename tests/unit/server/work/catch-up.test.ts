import { expect, it } from 'vitest'
import { createSessions } from '../../../../server/auth/sessions'
import type { Receivers } from '../../../../server/realtime/bus'
import { createLocalBus } from '../../../../server/realtime/bus/local'
import { catchUp } from '../../../../server/work/catch-up'
import { createTestCore } from '../../../support/core'
import { waitFor } from '../../../support/wait'

it('[CON-12] a sign-in that was ended on another node ends here too, though the bus tells nothing; and what was read before is forgotten when it is back', async () => {
  const core = await createTestCore()
  const sessions = createSessions(core.database.handle.db)
  const receivers: Partial<Receivers>[] = []
  const away = { ...createLocalBus(), hasOthers: true, isUp: () => false, subscribe: (added: Partial<Receivers>) => void receivers.push(added) }
  const ended: string[] = []
  let forgotten = 0
  const errors: unknown[] = []
  const look = catchUp({
    bus: away, connections: () => core.realtime.context.registry.all(), endedAmong: sessions.endedAmong,
    signOut: sid => ended.push(sid), forget: () => forgotten++, onError: error => errors.push(error),
  })
  const ann = await core.connect('ann')
  await core.connect('bob')
  const claim = (sid: string, userId: string) => ({ sid, userId, expiresAt: Date.now() + 60_000, isUnnamed: true })
  await sessions.revoke(claim('sid-of-ann', ann.userId))
  await sessions.revoke(claim('sid-of-nobody', ann.userId))
  look()
  await waitFor(() => ended.length > 0)
  expect(ended).toEqual(['sid-of-ann'])
  for (const { back } of receivers) back?.()
  await waitFor(() => ended.length === 2)
  expect(forgotten).toBe(1)
  expect(errors).toEqual([])
  await core.dispose()
})
