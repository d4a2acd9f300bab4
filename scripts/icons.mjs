import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'
import { startChromium } from './product.mjs'

/** Draws every picture of the logo from the one it is designed in, `public/favicon.svg`. Run it when that changes. */
const folder = join(root, 'public')
const logo = readFileSync(join(folder, 'favicon.svg'), 'utf8')
const GROUND = /<rect[^>]*fill="(#\w+)"/.exec(logo)?.[1]
if (!GROUND) throw new Error('the logo has no ground')
/** Icons that the system cuts to its own shape have no corners; their sign stays within the middle (W3C app manifest, "maskable"). */
const uncut = logo.replace(' rx="8"', '')
const inner = logo.replace(/<rect[^>]*\/>/, '')

const browser = await startChromium()
const page = await browser.newPage()

/** A picture of a document of the given size, as PNG. */
async function draw(body, width, height = width, omitBackground = false) {
  await page.setViewportSize({ width, height })
  await page.setContent(`<style>*{margin:0}body{width:${width}px;height:${height}px;overflow:hidden}svg{display:block}</style>${body}`)
  return page.screenshot({ omitBackground })
}
const sized = (svg, size) => svg.replace('<svg ', `<svg width="${size}" height="${size}" `)

/** An .ico of PNG pictures (Microsoft's ICO format, as browsers read it since PNG is allowed in it). */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [at, { size, png }] of pictures.entries()) {
    const entry = 6 + 16 * at
    head.writeUInt8(size, entry)
    head.writeUInt8(size, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(png.length, entry + 8)
    head.writeUInt32LE(offset, entry + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

const write = (name, content) => writeFileSync(join(folder, name), content)
write('apple-touch-icon.png', await draw(sized(uncut, 180), 180))
write('icon-192.png', await draw(sized(logo, 192), 192, 192, true))
write('icon-512.png', await draw(sized(logo, 512), 512, 512, true))
write('icon-maskable-512.png', await draw(`<div style="background:${GROUND};width:512px;height:512px;display:grid;place-items:center">${sized(inner, 400)}</div>`, 512))
const pictures = []
for (const size of [16, 32, 48]) pictures.push({ size, png: await draw(sized(logo, size), size, size, true) })
write('favicon.ico', ico(pictures))
write('og.png', await draw(`<div style="display:grid;place-content:center;justify-items:center;gap:40px;width:1200px;height:630px;background:#f7f9fa;color:#14191c;font:600 88px/1 system-ui,'DejaVu Sans',sans-serif">
  <div style="display:flex;align-items:center;gap:36px">${sized(logo, 144)}<span>Lastra</span></div>
  <p style="font-size:36px;font-weight:400;color:#4a5358">Rooms where people talk and see each other</p></div>`, 1200, 630))
await browser.close()
