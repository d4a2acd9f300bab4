import { describe, expect, it } from 'vitest'
import { budgetFor, MESH_LIMIT, scaleFor } from '../../../../utils/call/budget'
import { parseDataMessage } from '../../../../utils/call/data-message'
import { diagnose, hasTurn } from '../../../../utils/call/diagnosis'
import { mediaProblem } from '../../../../utils/call/media-errors'
import { peersInRoom } from '../../../../utils/call/presence'
import { facesUser } from '../../../../utils/call/facing'
import { createHeard } from '../../../../utils/call/heard'
import { forgetCall, recallCall, rememberCall } from '../../../../utils/call/resume'
import { letterOf, shortcutFor } from '../../../../utils/call/shortcuts'
import { isEarlier, isInitiator, newSession, parseSignal } from '../../../../utils/call/signal'
import { createSpeakerTracker } from '../../../../utils/call/speaking'
import { focusOf, tilesOf } from '../../../../utils/call/tiles'
import { backoff, TIMING } from '../../../../utils/call/timing'

describe('signals', () => {
  it('orders sessions as the server does, within one run of it', () => {
    const session = (order: string) => newSession(order)
    expect([isEarlier(session('r.9'), session('r.10')), isEarlier(session('r.10'), session('r.9'))]).toEqual([true, false])
    expect([isEarlier(session('a.1'), session('b.2')), isEarlier('no-order', session('b.2')), isEarlier(session('r.1'), session('r.1'))]).toEqual([false, false, false])
  })
  it('gives each link one initiator', () => expect([isInitiator('a', 'b'), isInitiator('b', 'a')]).toEqual([true, false]))
  it('reads its own signals', () => {
    expect(parseSignal({ k: 'hello', from: 's', dead: 0, extra: 1 })).toEqual({ k: 'hello', from: 's', to: undefined, dead: 0 })
    expect(parseSignal({ k: 'rtc', from: 's', to: 't', gen: 2, data: { type: 'offer' } })).toMatchObject({ gen: 2 })
  })
  it.each([[null], [[]], ['x'], [{ k: 'hello' }], [{ k: 'hello', from: 's', dead: 1.5 }], [{ k: 'rtc', from: 's', gen: 1, data: {} }], [{ k: 'rtc', from: 's', to: 't', gen: '1', data: {} }]])(
    'takes nothing else for one: %j', value => expect(parseSignal(value)).toBeUndefined())
})

describe('data channel', () => {
  it('reads a state with only what it knows', () => {
    const text = JSON.stringify({ t: 'state', mic: true, cam: 'yes', broken: [{ peer: 'p', reason: 'needs-turn' }, { peer: 'q', reason: 'boom' }, 7] })
    expect(parseDataMessage(text)).toEqual({ t: 'state', mic: true, cam: false, screen: false, hand: false, broken: [{ peer: 'p', reason: 'needs-turn' }] })
  })
  it.each(['', 'null', '7', '{', '{"t":"boom"}'])('takes nothing else: %s', text => expect(parseDataMessage(text)).toBeUndefined())
  it('bounds a list of broken links', () => {
    const broken = Array.from({ length: 1000 }, (_, n) => ({ peer: `p${n}`, reason: 'lost' }))
    expect(parseDataMessage(JSON.stringify({ t: 'state', broken }))).toMatchObject({ broken: { length: 16 } })
  })
})

describe('backoff', () => {
  it('tries again at once after the first failure', () => expect(backoff(1)).toBe(0))
  it('grows and is bounded', () => {
    expect(backoff(2, 1)).toBe(1_000)
    expect(backoff(4, 1)).toBe(4_000)
    expect(backoff(50, 1)).toBe(TIMING.backoffMax)
  })
})

describe('diagnosis', () => {
  const trace = { answered: true, turnConfigured: false, relayed: false, serverError: false }
  it.each([
    [{ answered: false }, 'no-answer'], [{}, 'needs-turn'], [{ turnConfigured: true }, 'turn-refused'],
    [{ turnConfigured: true, relayed: true, serverError: true }, 'turn-refused'], [{ turnConfigured: true, relayed: true }, 'lost'],
  ])('of %j is %s', (part, reason) => expect(diagnose({ ...trace, ...part })).toBe(reason))
  it('knows a TURN server', () => {
    expect(hasTurn([{ urls: ['stun:a', 'turns:b'] }])).toBe(true)
    expect(hasTurn([{ urls: 'stun:a' }])).toBe(false)
  })
})

describe('budget', () => {
  it('shrinks with the head-count', () => {
    const heights = [1, 2, 3, 4, 5, MESH_LIMIT, 9].map(people => budgetFor(people).height)
    expect(heights).toEqual([720, 720, 480, 360, 270, 180, 180])
  })
  it('never scales up', () => {
    expect(scaleFor(240, budgetFor(2))).toBe(1)
    expect(scaleFor(720, budgetFor(4))).toBe(2)
    expect(scaleFor(undefined, budgetFor(4))).toBe(1)
  })
})

describe('speakers', () => {
  const levels = (level: number) => new Map([['a', level], ['b', 0]])
  it('holds through the gap between words, and lets go after it', () => {
    const tracker = createSpeakerTracker()
    tracker.update(levels(0.2), 0)
    tracker.update(levels(0), 400)
    expect([...tracker.speaking()]).toEqual(['a'])
    tracker.update(levels(0), 1_200)
    expect(tracker.speaking().size).toBe(0)
  })
  it('turns to who speaks for a while, not to a cough', () => {
    const tracker = createSpeakerTracker()
    tracker.update(levels(0.2), 0)
    expect(tracker.active()).toBeUndefined()
    tracker.update(levels(0.2), 1_000)
    expect(tracker.active()).toBe('a')
    tracker.update(new Map([['b', 0]]), 1_200)
    expect(tracker.active()).toBeUndefined()
  })
})

describe('coming back after a reload', () => {
  const store = () => {
    const values = new Map<string, string>()
    return { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value), removeItem: (key: string) => void values.delete(key) }
  }
  it('remembers the room and what was on', () => {
    const kept = store()
    rememberCall({ room: 'r', mic: true, cam: false, hand: true }, kept)
    expect(recallCall('r', kept)).toEqual({ room: 'r', mic: true, cam: false, hand: true })
    expect(recallCall('other', kept)).toBeUndefined()
    forgetCall(kept)
    expect(recallCall('r', kept)).toBeUndefined()
  })
  it('takes nothing from broken storage', () => {
    const kept = store()
    kept.setItem('lastra:call', '{')
    expect(recallCall('r', kept)).toBeUndefined()
  })
})

describe('words for refused devices', () => {
  it.each([['NotAllowedError', 'denied'], ['NotFoundError', 'none'], ['NotReadableError', 'busy'], ['OverconstrainedError', 'unfit'], ['Boom', 'failed']])('%s is %s', (name, problem) => {
    expect(mediaProblem(new DOMException('x', name))).toBe(problem)
  })
  it('knows a page without devices at all', () => expect(mediaProblem(new TypeError('undefined'))).toBe('insecure'))
})

describe('who is heard', () => {
  it('is nobody whose sound stopped coming, whatever level the browser still gives', () => {
    const read = createHeard()
    const source = { timestamp: 5_000, audioLevel: 0.4 }
    expect([read(undefined, 0), read(source, 100), read(source, 500), read(source, 800)]).toEqual([undefined, 0.4, 0.4, undefined])
    expect(read({ timestamp: 5_020, audioLevel: 0 }, 900)).toBe(0)
  })
})

describe('a mirror', () => {
  const camera = (label: string, facingMode?: string) => ({ label, getSettings: () => ({ facingMode }) })
  it.each([
    [camera('HD Webcam'), true], [camera('camera2 1, facing back'), false], [camera('Rückkamera', 'environment'), false], [camera('Back camera', 'user'), true],
  ])('is for who looks at it: %j', (track, isMirror) => expect(facesUser(track)).toBe(isMirror))
})

describe('shortcuts', () => {
  const press = (key: string, ctrlKey = false, code = '') => shortcutFor({ key, code, ctrlKey, metaKey: false, altKey: false })
  it('knows its keys in either case', () => expect(['m', 'V', 's', 'H', '?'].map(key => press(key))).toEqual(['mic', 'camera', 'screen', 'hand', 'help']))
  it.each([['ь', 'KeyM', 'mic'], ['М', 'KeyV', 'camera'], ['σ', 'KeyS', 'screen'], ['י', 'KeyH', 'hand']])('takes the place of %s on a layout of other letters', (key, code, what) => {
    expect(press(key, false, code)).toBe(what)
  })
  it('chat and people are where they are on any layout', () => {
    const letter = (key: string, code: string) => letterOf({ key, code, ctrlKey: false, metaKey: false, altKey: false })
    expect([letter('с', 'KeyC'), letter('З', 'KeyP'), letter('π', 'KeyP'), letter('C', 'KeyC')]).toEqual(['c', 'p', 'p', 'c'])
  })
  it('goes by the letter on a Latin layout, wherever it stands', () => expect([press('m', false, 'Semicolon'), press('ö', false, 'KeyM')]).toEqual(['mic', undefined]))
  it('leaves the browser its own', () => expect([press('s', true), press('q'), press('constructor')]).toEqual([undefined, undefined, undefined]))
})

describe('presence', () => {
  const media = { in_call: true, mic: true, cam: false, screen: false, hand: false }
  const members = [
    { userId: 'u1', name: 'Ann', role: 'host' as const, status: 'online' as const, peers: [{ peer_id: 'p1', media }, { peer_id: 'p2', media: null }] },
    { userId: 'u2', name: 'Bob', role: 'member' as const, status: 'online' as const, peers: [] },
  ]
  it('lists tabs, one\'s own apart', () => {
    const { self, peers } = peersInRoom(members, 'p1')
    expect(self).toEqual({ userId: 'u1', name: 'Ann', media })
    expect([...peers.keys()]).toEqual(['p2'])
  })
})

describe('tiles', () => {
  const own = { userId: 'u0', name: 'Me', mic: true, cam: true, screen: false, hand: false }
  const one = (peerId: string, screen = false) => ({ peerId, userId: peerId, name: peerId, status: 'connected' as const, broken: [], mic: true, cam: true, screen, hand: false })
  it('puts screens first and oneself last', () => {
    expect(tilesOf([one('a', true), one('b')], own).map(tile => tile.key)).toEqual(['a:screen', 'a:cam', 'b:cam', 'self:cam'])
  })
  it('gives the stage to the pin, then to a screen, then to the speaker', () => {
    const shared = tilesOf([one('a', true), one('b')], own)
    const plain = tilesOf([one('a'), one('b')], own)
    expect(focusOf(shared, 'grid', { peerId: 'b', source: 'cam' })).toBe('b:cam')
    expect(focusOf(shared, 'grid', { peerId: 'gone', source: 'cam' })).toBe('a:screen')
    expect(focusOf(plain, 'grid')).toBeUndefined()
    expect(focusOf(plain, 'speaker', undefined, 'b')).toBe('b:cam')
    expect(focusOf(plain, 'speaker')).toBe('a:cam')
  })
  it('does not show oneself one\'s own screen in focus', () => {
    expect(focusOf(tilesOf([one('a')], { ...own, screen: true }), 'grid')).toBeUndefined()
  })
})
