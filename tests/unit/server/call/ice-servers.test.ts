import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { iceServersFor } from '../../../../server/call/ice-servers'

it('[RTC-3] gives TURN credentials for one user and a limited time, where TURN is configured', () => {
  const turn = { urls: ['turn:turn.example:3478'], secret: 'S', ttlS: 600 }
  const { iceServers, ttl_s } = iceServersFor({ turn, stunUrls: ['stun:stun.example'] }, 'ann', 1_000_000)
  expect(ttl_s).toBe(600)
  expect(iceServers).toEqual([
    { urls: ['stun:stun.example'] },
    { urls: ['turn:turn.example:3478'], username: '1600:ann', credential: createHmac('sha1', 'S').update('1600:ann').digest('base64') },
  ])
  expect(iceServersFor({ turn: { ...turn, secret: '' }, stunUrls: [] }, 'ann', 0).iceServers).toEqual([])
})
