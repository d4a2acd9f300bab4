import { spawnSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'
import { composer, joinCall, person, startChromium, startProduct, until } from './product.mjs'

const folder = join(root, 'docs/screenshots')
/** How large a picture may be: readers on a phone load it too. */
const MOST_KB = 400
/** @type {import('playwright-core').BrowserContextOptions} */
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2, colorScheme: 'light' }
/** @type {import('playwright-core').BrowserContextOptions} */
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light', hasTouch: true, isMobile: true }

const TALK = [
  ['Ann', 'Morning! The release notes are in the room, please have a look before ten.'],
  ['Bob', 'On it. Two things from yesterday:\n\n1. **Resume** takes 200 entries in one go now\n2. the *reload* comes back into the call without a click'],
  ['Cleo', 'The cursor only moves when the next entry is really the next one:\n\n```ts\nfunction apply(entry: Entry) {\n  if (entry.seq <= cursor) return\n  if (entry.seq > cursor + 1) return fillGap(cursor, entry.seq)\n  cursor = entry.seq\n  view.push(entry)\n}\n```'],
  ['Ann', 'Nice, that is the whole rule. \u{1F389}'],
  ['Bob', '> fills a gap from the log over HTTP\n\nI wrote it down in `SPEC.md`, see https://example.org/rules'],
  ['Ann', 'Then let us go through it together. Call in five minutes?'],
  ['Cleo', 'Ready when you are \u{1F44D}'],
]

/**
 * Runs in a page: the fake camera's picture gives way to a drawn person, so that one can tell people apart. Everything
 * after the camera, the encoder and the network included, stays real.
 *
 * @param {string[]} look colours
 */
function drawnCamera([wall = '', shirt = '', skin = '', hair = '']) {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints)
    const [camera] = stream.getVideoTracks()
    if (!camera) return stream
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    const shape = (/** @type {string} */ color, /** @type {[number, number, number, number]} */ ...ellipse) => {
      pen.fillStyle = color
      pen.beginPath()
      pen.ellipse(...ellipse, 0, 0, Math.PI * 2)
      pen.fill()
    }
    const draw = () => {
      const sway = Math.sin(performance.now() / 700) * 6
      const light = pen.createLinearGradient(0, 0, 1280, 720)
      light.addColorStop(0, '#ffffff')
      light.addColorStop(0.35, wall)
      light.addColorStop(1, wall)
      pen.fillStyle = light
      pen.fillRect(0, 0, 1280, 720)
      shape(hair, 640 + sway, 285, 150, 185)
      shape(shirt, 640 + sway / 2, 760, 330, 270)
      shape(skin, 640 + sway / 2, 490, 60, 90)
      shape(skin, 640 + sway, 330, 122, 158)
      shape(hair, 640 + sway, 195, 132, 70)
    }
    draw()
    setInterval(draw, 66)
    const [drawn] = canvas.captureStream(15).getVideoTracks()
    drawn.getSettings = camera.getSettings.bind(camera)
    return new MediaStream([...stream.getAudioTracks(), drawn])
  }
}

/** Runs in a page: the fake screen gives way to a drawn slide, for the same reason. */
function drawnScreen() {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 900 })
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    const draw = () => {
      pen.fillStyle = '#fbfaf7'
      pen.fillRect(0, 0, 1600, 900)
      pen.fillStyle = '#0a0d10'
      pen.font = '600 64px sans-serif'
      pen.fillText('Messages a day', 110, 150)
      for (const [week, height] of [180, 240, 310, 290, 420, 520].entries()) {
        pen.fillStyle = week === 5 ? '#1a7873' : '#9fc9c5'
        pen.fillRect(120 + week * 235, 780 - height, 160, height)
        pen.fillStyle = '#566067'
        pen.font = '32px sans-serif'
        pen.fillText(`Week ${week + 1}`, 140 + week * 235, 830)
      }
    }
    draw()
    setInterval(draw, 200)
    return canvas.captureStream(5)
  }
}

const LOOKS = {
  Ann: ['#9db8c7', '#1f5f5b', '#e8b894', '#3a2418'],
  Bob: ['#c9b8a0', '#34405a', '#a9744f', '#16110e'],
  Cleo: ['#a9bfa4', '#8a3f4d', '#f0c9a8', '#7a4a21'],
  Dana: ['#b9aac9', '#4b5d33', '#c98f6b', '#241a12'],
}

/** Waits until fonts, pictures and running animations are done, so that two runs give the same picture. */
async function rest(page) {
  await page.waitForLoadState('networkidle')
  await page.evaluate(async () => {
    await document.fonts.ready
    const finite = document.getAnimations().filter(animation => animation.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(finite.map(animation => animation.finished))
  })
}

/** Takes a picture, with a palette of its own where `pngquant` is there to find one. */
async function shoot(page, name) {
  await rest(page)
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path })
  spawnSync('pngquant', ['--quality=70-95', '--speed=1', '--strip', '--skip-if-larger', '--force', '--output', path, path])
  const size = Math.ceil(statSync(path).size / 1024)
  console.log(`docs/screenshots/${name}.png, ${size} KB${size > MOST_KB ? ': too large, is pngquant installed?' : ''}`)
}

async function enter(page, room) {
  await page.goto(`/r/${room}`)
  await composer(page).waitFor()
}

/** Waits until everyone in the call sees a moving picture of everyone, at least so wide. */
function everyoneSeen(pages, width, timeout) {
  return until(async () => {
    const counts = await Promise.all(pages.map(page => page.evaluate(width =>
      [...document.querySelectorAll('video')].filter(video => video.videoWidth >= width && video.currentTime > 0.5).length, width)))
    return counts.every(count => count >= pages.length)
  }, `everyone's pictures, ${width} wide`, timeout)
}

mkdirSync(folder, { recursive: true })
const server = await startProduct()
const browser = await startChromium()
const people = {}
for (const [name, look] of Object.entries(LOOKS).slice(0, 3)) {
  people[name] = await person(browser, server.url, name, DESK)
  await people[name].page.addInitScript(drawnCamera, look)
  await people[name].page.addInitScript(drawnScreen)
}

await people.Ann.page.goto('/')
await shoot(people.Ann.page, 'landing')

for (const { page } of Object.values(people)) await enter(page, 'design-review')
for (const [name, text] of TALK) {
  const { page } = people[name]
  await composer(page).fill(text)
  await composer(page).press('Enter')
  const words = text.match(/[\w' ]{12,}/)?.[0].trim() ?? text
  await Promise.all(Object.values(people).map(each => each.page.getByText(words).first().waitFor()))
}
await composer(people.Bob.page).pressSequentially('I a')
await people.Ann.page.getByText(/Bob is (?:typing|writing)/).waitFor()
await shoot(people.Ann.page, 'chat')
await composer(people.Bob.page).fill('')

await people.Ann.page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
await people.Ann.page.getByRole('button', { name: 'Join now' }).waitFor()
await until(() => people.Ann.page.evaluate(() => [...document.querySelectorAll('video')].some(video => video.videoWidth > 0 && video.currentTime > 0.3)), 'the preview')
await shoot(people.Ann.page, 'pre-join')
await people.Ann.page.getByRole('button', { name: 'Join now' }).click()
await people.Ann.page.getByRole('toolbar', { name: 'Call controls' }).waitFor()
for (const name of ['Bob', 'Cleo']) await joinCall(people[name].page)
const pages = Object.values(people).map(each => each.page)
await everyoneSeen(pages, 1, 60_000)
// Links begin small and sharpen as far as the machine allows.
await everyoneSeen(pages, 640, 30_000).catch(() => undefined)
await shoot(people.Ann.page, 'call')

await people.Ann.page.emulateMedia({ colorScheme: 'dark' })
await shoot(people.Ann.page, 'dark')

const phone = await person(browser, server.url, 'Dana', PHONE)
await phone.page.addInitScript(drawnCamera, LOOKS.Dana)
await enter(phone.page, 'design-review')
await phone.page.getByText('Ready when you are').waitFor()
await shoot(phone.page, 'phone')
await joinCall(phone.page)
await everyoneSeen([phone.page, ...pages], 1, 60_000)
await shoot(phone.page, 'phone-call')
await phone.page.getByRole('button', { name: /^Leave/ }).first().click()
await phone.context.close()

// A screen beside the camera, as somebody else sees it.
await people.Bob.page.getByRole('toolbar', { name: 'Call controls' }).getByRole('button', { name: /^Share screen/ }).click()
await until(() => people.Ann.page.evaluate(() => [...document.querySelectorAll('video')].filter(video => video.videoWidth > 0).length > 3), 'the shared screen')
await people.Ann.page.emulateMedia({ colorScheme: 'light' })
await shoot(people.Ann.page, 'sharing')
for (const { page } of Object.values(people)) await page.getByRole('button', { name: /^Leave/ }).first().click()

// A locked room, from both sides of its door.
await people.Ann.page.getByRole('button', { name: 'Room options' }).click()
await people.Ann.page.getByRole('menuitem', { name: 'Lock room' }).click()
const guest = await person(browser, server.url, 'Eli', PHONE)
await guest.page.goto('/r/design-review')
await guest.page.getByRole('button', { name: 'Knock' }).click()
await guest.page.getByRole('heading', { name: 'You knocked' }).waitFor()
await shoot(guest.page, 'knocked')
await people.Ann.page.getByRole('button', { name: 'Let in Eli' }).waitFor()
await shoot(people.Ann.page, 'knock')

// A bot that was asked, and the help.
await people.Ann.page.getByRole('button', { name: 'Let in Eli' }).click()
await people.Ann.page.getByRole('switch', { name: 'Concierge answers in this room' }).click()
await composer(people.Ann.page).fill('@concierge poll: Ship on Friday? yes / no / after the weekend')
await composer(people.Ann.page).press('Enter')
await people.Ann.page.locator('article', { hasText: 'after the weekend' }).last().locator('.reactions, [class*=chip]').first().waitFor({ timeout: 5_000 }).catch(() => undefined)
await until(() => people.Ann.page.evaluate(() => !document.querySelector('article[aria-busy]')), 'the end of the answer')
await shoot(people.Ann.page, 'bots')
await people.Cleo.page.getByRole('button', { name: 'Help', exact: true }).click()
const help = people.Cleo.page.getByRole('dialog', { name: 'Help' })
await help.getByText('How do I share my screen?').click()
await help.getByRole('list', { name: 'Sources' }).waitFor()
await shoot(people.Cleo.page, 'help')

await people.Cleo.page.goto('/docs/calls')
await shoot(people.Cleo.page, 'guide')
await people.Cleo.page.goto('/nowhere')
await shoot(people.Cleo.page, 'error')
await guest.context.close()

await browser.close()
await server.stop()
