import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCallers } from '../../bench/callers.mjs'
import { budgetFor, MESH_LIMIT } from '../../utils/call/budget'
import { enterCall, seesMoving, sentPictures, tile } from '../support/call'
import type { SentPicture } from '../support/call'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { slowDown } from '../support/slow-down'
import { waitFor } from '../support/wait'
import type { Page } from 'playwright-core'

const OTHERS = ['Bob', 'Cleo', 'Dan', 'Eve', 'Fay'].slice(0, MESH_LIMIT - 1)
/** A machine that is busy with other things holds the picture lower, and lets it go up only after a while. */
const WHILE_BUSY = 100_000

let callers: Awaited<ReturnType<typeof startCallers>>

product()
beforeAll(async () => {
  callers = await startCallers(server.url)
})
afterAll(async () => {
  await callers?.stop()
})

/** Waits until all that a page sends, to so many others, is so. */
async function sends(page: Page, others: number, isSo: (picture: SentPicture) => boolean, what: string): Promise<SentPicture[]> {
  let pictures: SentPicture[] = []
  await waitFor(async () => {
    pictures = await sentPictures(page)
    return pictures.length === others && pictures.every(isSo)
  }, { timeout: WHILE_BUSY, interval: 200, what })
  return pictures
}

describe('[B8] what is sent', () => {
  it('falls as people join, from 2 to 6, and comes back as they leave', async () => {
    const room = unique('crowd')
    const ann = await enterCall(browser, server, room, 'Ann')
    for (const [before, name] of OTHERS.entries()) {
      await callers.enter(room, name)
      const { camera, height } = budgetFor(before + 2)
      await sends(ann.page, before + 1, picture => picture.cap <= camera && picture.capLines <= height && picture.lines > 0 && picture.lines <= height, `pictures for ${before + 2}`)
    }
    await seesMoving(ann.page, OTHERS.length)
    for (const [left, name] of OTHERS.slice(1).reverse().entries()) {
      await callers.leave(room, name)
      await tile(ann.page, name).waitFor({ state: 'detached' })
      const people = MESH_LIMIT - left - 1
      await sends(ann.page, people - 1, picture => picture.cap === budgetFor(people).camera, `the bound for ${people} again`)
    }
    const best = budgetFor(2)
    const [picture] = await sends(ann.page, 1, ({ cap, lines }) => cap === best.camera && lines > budgetFor(MESH_LIMIT).height, 'the best picture again')
    expect(picture?.capLines).toBe(best.height)
    await ann.context.close()
  }, 300_000)

  it('falls while this computer does not keep up, says so, and comes back', async () => {
    const room = unique('busy')
    const ann = await enterCall(browser, server, room, 'Ann')
    await callers.enter(room, 'Bob')
    const best = budgetFor(2)
    await sends(ann.page, 1, ({ cap, lines }) => cap === best.camera && lines >= 360, 'a large picture')
    await ann.page.getByRole('button', { name: 'Statistics' }).click()
    const panel = ann.page.getByRole('region', { name: 'Statistics' })
    await panel.getByText('For 2 people in the call').waitFor()

    const free = await slowDown(browser.browser, 0.92)
    try {
      const [lower] = await sends(ann.page, 1, ({ cap }) => cap < best.camera, 'a smaller picture')
      expect(lower?.capLines).toBeLessThan(best.height)
      await ann.page.getByRole('status').getByText('This computer is busy').waitFor()
      await panel.getByText('because this computer is busy').waitFor()
    } finally {
      free()
    }
    await sends(ann.page, 1, ({ cap, lines }) => cap === best.camera && lines > 0, 'the best picture again')
    expect(await panel.getByText('because this computer is busy').count()).toBe(0)
    await ann.context.close()
  }, 300_000)
})
