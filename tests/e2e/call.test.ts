import { afterEach, describe, expect, it } from 'vitest'
import { closeUnderneath, connectionsMade, cutSignalling, decoded, enterCall, SCREEN, seesMoving, tile } from '../support/call'
import type { Caller } from '../support/call'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

const callers: Caller[] = []

async function enter(room: string, name: string, ...rest: [Parameters<typeof enterCall>[4]?]): Promise<Caller> {
  const caller = await enterCall(browser, server, room, name, ...rest)
  callers.push(caller)
  return caller
}

product()
afterEach(async () => {
  const errors = callers.flatMap(caller => caller.errors.map(error => `${caller.name}: ${error}`))
  await Promise.all(callers.splice(0).map(caller => caller.context.close()))
  // A server that was killed on purpose fails requests; everything else is the product's.
  expect(errors.filter(error => !/WebSocket|ERR_CONNECTION_(REFUSED|RESET)/.test(error))).toEqual([])
})

describe('[B2] a call of three', () => {
  it('shows everybody moving pictures of all others, and what they switch', async () => {
    const room = unique('three')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    const cleo = await enter(room, 'Cleo')
    for (const one of [ann, bob, cleo]) await seesMoving(one.page, 2)

    await bob.page.getByRole('button', { name: /Mute/ }).click()
    await tile(ann.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()
    await bob.page.keyboard.press('h')
    await tile(cleo.page, 'Bob').getByRole('img', { name: 'Hand raised' }).waitFor()

    await bob.page.keyboard.press('v')
    await waitFor(async () => await tile(ann.page, 'Bob').locator('video').count() === 0, { what: 'Bob without a picture' })
    expect(await tile(cleo.page, 'Bob').innerText()).toContain('B')
    await bob.page.keyboard.press('v')
    await seesMoving(ann.page, 2)

    await bob.page.getByRole('button', { name: /Leave/ }).click()
    await tile(ann.page, 'Bob').waitFor({ state: 'detached' })
    await tile(cleo.page, 'Bob').waitFor({ state: 'detached' })
    await seesMoving(ann.page, 1)
  })

  it('[B3] carries two shared screens at once beside the cameras', async () => {
    const room = unique('screens')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await ann.page.keyboard.press('s')
    await bob.page.keyboard.press('s')
    await tile(ann.page, 'Bob\'s screen').waitFor()
    await tile(bob.page, 'Ann\'s screen').waitFor()
    for (const one of [ann, bob]) {
      await seesMoving(one.page, 1, { mid: SCREEN })
      await seesMoving(one.page, 1)
    }
    const made = await connectionsMade(ann.page)
    await ann.page.keyboard.press('s')
    await tile(bob.page, 'Ann\'s screen').waitFor({ state: 'detached' })
    expect(await connectionsMade(ann.page)).toBe(made)
  })
})

describe('[B5] recovery', () => {
  it('[RTC-4] keeps media while the server is away, and takes no new connection for it', async () => {
    const room = unique('away')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    const made = [await connectionsMade(ann.page), await connectionsMade(bob.page)]

    server.kill('SIGKILL')
    await server.exited()
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    // The links carry what is switched, too.
    await bob.page.keyboard.press('m')
    await tile(ann.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()

    await server.restart()
    const cleo = await enter(room, 'Cleo')
    await tile(ann.page, 'Cleo').waitFor()
    for (const one of [ann, bob, cleo]) await seesMoving(one.page, 2, { timeout: 40_000 })
    expect([await connectionsMade(ann.page), await connectionsMade(bob.page)]).toEqual(made.map(count => count + 1))
  })

  it('does not touch media when a socket is cut', async () => {
    const room = unique('cut')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await seesMoving(ann.page, 1)
    const made = await connectionsMade(ann.page)
    expect(await cutSignalling(ann.page)).toBe(1)
    await seesMoving(ann.page, 1)
    await seesMoving(bob.page, 1)
    expect(await connectionsMade(ann.page)).toBe(made)
    expect(await tile(bob.page, 'Ann').innerText()).not.toContain('econnecting')
  })

  it('heals a connection closed underneath within 5 s, on either side', async () => {
    const room = unique('heal')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    for (const victim of [ann, bob]) {
      const start = performance.now()
      await closeUnderneath(victim.page)
      for (const one of [ann, bob]) await seesMoving(one.page, 1)
      expect(performance.now() - start).toBeLessThan(5_000)
    }
  })

  it('comes back into the call after a reload, with what was on, and without a click', async () => {
    const room = unique('reload')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    await bob.page.keyboard.press('m')
    await bob.page.getByRole('button', { name: /Unmute/ }).waitFor()
    await bob.page.reload()
    await bob.page.getByRole('button', { name: /Unmute/ }).waitFor()
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    expect(Object.keys(await decoded(ann.page))).toHaveLength(1)
    await tile(ann.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()
  })
})

describe('[B6] reachability', () => {
  it('says whom one cannot reach and why, on both sides', async () => {
    const room = unique('unreachable')
    const ann = await enter(room, 'Ann')
    // A network that lets nothing through but a relay, where there is none.
    const bob = await enter(room, 'Bob', {
      prepare: () => {
        globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
          construct: (target, [config]: [RTCConfiguration?]) => new target({ ...config, iceTransportPolicy: 'relay' }),
        })
      },
    })
    await tile(ann.page, 'Bob').getByText('Cannot reach Bob: a TURN server is needed').waitFor({ timeout: 40_000 })
    await tile(bob.page, 'Ann').getByText('Cannot reach Ann: a TURN server is needed').waitFor({ timeout: 40_000 })
  })
})
