import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const read = (name: string): Buffer => readFileSync(fileURLToPath(new URL(`../../../public/${name}`, import.meta.url)))

/** Width and height of a PNG, from its first chunk (PNG specification, 11.2.1). */
function sizeOf(png: Buffer): string {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`
}

interface Manifest { icons: { src: string, type: string, sizes: string, purpose?: string }[] }

describe('the logo wherever a system shows it', () => {
  it('every icon of the manifest is there, in the size it says, one of them for systems that cut', () => {
    const { icons } = JSON.parse(read('manifest.webmanifest').toString()) as Manifest
    const drawn = icons.filter(({ type }) => type === 'image/png')
    for (const { src, sizes } of drawn) expect(sizeOf(read(src.slice(1))), src).toBe(sizes)
    expect(drawn.map(({ sizes, purpose }) => `${sizes} ${purpose ?? 'any'}`)).toEqual(['192x192 any', '512x512 any', '512x512 maskable'])
  })

  it('the icon at the address browsers ask unasked is one, and those for phones and for links have their size', () => {
    const icon = read('favicon.ico')
    expect([...icon.subarray(0, 4)]).toEqual([0, 0, 1, 0])
    const sizes = Array.from({ length: icon.readUInt16LE(4) }, (_, n) => {
      const entry = 6 + 16 * n
      const at = icon.readUInt32LE(entry + 12)
      return sizeOf(icon.subarray(at, at + icon.readUInt32LE(entry + 8)))
    })
    expect(sizes).toEqual(['16x16', '32x32', '48x48'])
    expect(sizeOf(read('apple-touch-icon.png'))).toBe('180x180')
    expect(sizeOf(read('og.png'))).toBe('1200x630')
  })
})
