import { afterEach, describe, expect, it } from 'vitest'
import { cutSignalling, decoded, enterCall, openRoom, seesMoving, tile } from '../support/call'
import type { Caller } from '../support/call'
import { connect } from '../support/client'
import { browser, product, server } from '../support/product'
import { createUser, unique } from '../support/session'
import { waitFor } from '../support/wait'

const callers: Caller[] = []

product()
afterEach(async () => {
  await Promise.all(callers.splice(0).map(caller => caller.context.close()))
})

type Options = Parameters<typeof enterCall>[4]
async function enter(room: string, name: string, options?: Options): Promise<Caller> {
  const caller = await enterCall(browser, server, room, name, options)
  callers.push(caller)
  return caller
}

interface Watched { opened: MediaStreamTrack[], isBusy: boolean, isHeld: boolean, release: () => void }

/** Keeps every track the page opens; a test makes devices busy, or holds the browser's answer as a question to the person does. */
function watchDevices() {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  const watched: Watched = { opened: [], isBusy: false, isHeld: false, release: () => undefined }
  Object.assign(globalThis, { watched })
  const answered = new Promise<void>((resolve) => {
    watched.release = resolve
  })
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (watched.isHeld) await answered
    if (watched.isBusy) throw new DOMException('', 'NotReadableError')
    const stream = await ask(constraints)
    watched.opened.push(...stream.getTracks())
    return stream
  }
}
const live = (caller: Caller) => caller.page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.opened
  .filter(track => track.readyState === 'live').map(track => `${track.kind} ${track.enabled ? 'on' : 'off'}`).sort())
const set = (caller: Caller, part: Partial<Watched>) => caller.page.evaluate(part => void Object.assign((globalThis as unknown as { watched: Watched }).watched, part), part)

describe('what is wanted, in a browser', () => {
  it('a muted microphone stays muted when it is pulled out and retried while busy, and a switched camera ends as it was pressed', async () => {
    const ann = await enter(unique('wishes'), 'Ann', { prepare: watchDevices })
    const { page } = ann
    await page.keyboard.press('m')
    await page.getByRole('button', { name: /Unmute/ }).waitFor()
    await set(ann, { isBusy: true })
    await page.evaluate(() => {
      const mic = (globalThis as unknown as { watched: Watched }).watched.opened.find(track => track.kind === 'audio')
      mic?.stop()
      mic?.dispatchEvent(new Event('ended'))
    })
    const note = page.getByRole('alert').filter({ hasText: 'microphone' })
    await note.getByText('was unplugged').waitFor()
    await note.getByRole('button', { name: 'Retry' }).click()
    await note.getByText('used by another program').waitFor()
    await set(ann, { isBusy: false })
    await note.getByRole('button', { name: 'Retry' }).click()
    await note.waitFor({ state: 'detached' })
    // A microphone that came on would stay on: nobody presses anything here.
    await waitFor(async () => (await live(ann)).join() === 'audio off,video on', { what: 'a muted microphone beside the camera' })
    await page.keyboard.press('v')
    for (const _ of [1, 2]) await page.keyboard.press('v')
    await waitFor(async () => (await live(ann)).join() === 'audio off', { what: 'a camera that is off' })
  })

  it('joins muted and without a camera while the browser still asks, and stays so', async () => {
    const ann = await openRoom(browser, server, unique('asks'), 'Ann', { prepare: watchDevices })
    callers.push(ann)
    const { page } = ann
    await set(ann, { isHeld: true })
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
    await page.getByText('You join muted, without camera').waitFor()
    await page.getByRole('button', { name: 'Join now' }).click()
    await page.getByRole('toolbar', { name: 'Call controls' }).waitFor()
    await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.release())
    await waitFor(async () => page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.opened.length > 0), { what: 'the late answer' })
    expect(await live(ann)).toEqual([])
    await page.getByRole('button', { name: /Unmute/ }).waitFor()
  })
})

describe('who may be in the call', () => {
  it('[RTC-5][RTC-6] one who is muted is told, and one who is removed with their signalling cut is gone for the others at once', async () => {
    const room = unique('removed')
    const host = await connect(server, { user: await createUser(server, 'Host') })
    await host.join(room)
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    const { state } = await host.join(room)
    const userId = state.members.find(member => member.name === 'Bob')?.userId ?? ''
    await host.ack({ type: 'media-control', room, userId, mic: false })
    await bob.page.getByText('Host muted your microphone').waitFor()
    await tile(ann.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()

    await bob.context.setOffline(true)
    await cutSignalling(bob.page)
    await host.ack({ type: 'member-update', room, userId, removed: true })
    await tile(ann.page, 'Bob').waitFor({ state: 'detached', timeout: 5_000 })
    await waitFor(async () => Object.keys(await decoded(bob.page)).length === 0, { what: 'no picture of Ann at Bob' })
    host.cut()
  })

  it('connects a tab that is reloaded with its clock set back', async () => {
    const room = unique('clock')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob', {
      prepare: () => {
        const back = sessionStorage.getItem('clock') ? 7 * 86_400_000 : 0
        sessionStorage.setItem('clock', 'was read')
        const now = Date.now.bind(Date)
        Date.now = () => now() - back
      },
    })
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    await bob.page.reload()
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
  })
})
