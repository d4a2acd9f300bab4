/**
 * Writes `public/emoji/en.txt`, which the picker loads when it is first opened: a line for each emoji with its short names, its
 * name, the words it is found by, and the number of its group, separated by tabs.
 *
 * usage: npm pack emojibase-data@17 && tar xzf emojibase-data-*.tgz && node scripts/emoji.mjs package
 *
 * The data are Emojibase's (MIT), made from Unicode's.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [source = 'node_modules/emojibase-data'] = process.argv.slice(2)
const read = file => JSON.parse(readFileSync(join(source, 'en', file), 'utf8'))
/** Parts of emoji, which are none by themselves. */
const COMPONENTS = 2

const names = [read('shortcodes/github.json'), read('shortcodes/emojibase.json')]
const lines = read('compact.json')
  .filter(({ group }) => group !== undefined && group !== COMPONENTS)
  .sort((a, b) => a.order - b.order)
  .map(({ unicode, hexcode, label, tags = [], group }) => {
    const short = [...new Set(names.flatMap(table => table[hexcode] ?? []))].slice(0, 4)
    const words = tags.filter(tag => !label.includes(tag))
    return [unicode, short.join(' '), label, words.join(' '), group].join('\t')
  })
mkdirSync('public/emoji', { recursive: true })
writeFileSync('public/emoji/en.txt', `${lines.join('\n')}\n`)
