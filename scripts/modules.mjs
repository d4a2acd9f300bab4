import { existsSync, readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { TraceMap, decodedMappings } from '@jridgewell/trace-mapping'

/**
 * What a built script is made of, where the build left its source map beside it.
 *
 * @param {string} path a `.js` file
 * @returns {Map<string, number> | undefined} compressed bytes by source: its own compressed size, scaled so that all make up the file
 */
export function modulesOf(path) {
  if (!existsSync(`${path}.map`)) return
  const lines = readFileSync(path, 'utf8').split('\n')
  const map = new TraceMap(readFileSync(`${path}.map`, 'utf8'))
  const texts = new Map()
  decodedMappings(map).forEach((segments, row) => segments.forEach(([column, source], at) => {
    if (source === undefined) return
    const name = readable(map.sources[source] ?? '?')
    texts.set(name, (texts.get(name) ?? '') + lines[row].slice(column, segments[at + 1]?.[0]))
  }))
  const own = new Map([...texts].map(([name, text]) => [name, brotliCompressSync(text).length]))
  const whole = brotliCompressSync(readFileSync(path)).length
  const sum = [...own.values()].reduce((a, b) => a + b, 0)
  return new Map([...own].map(([name, size]) => [name, size * whole / sum]))
}

/** A source's path from the project's root or inside its package. */
function readable(source) {
  return source.replace(/^.*node_modules\//, '').replace(/^(?:\.\.\/)+/, '').replace(/\?.*$/, '')
}

/** A source's package, or the folder of the project it lies in. */
export function groupOf(source) {
  const [first, second] = source.split('/')
  return first.startsWith('@') || !source.includes('.') ? `${first}/${second}` : first
}
