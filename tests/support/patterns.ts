import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A regular expression as it stands in a file. */
export interface Pattern {
  file: string
  source: string
  flags: string
}

/** Every regular expression that is written out in the TypeScript files below some folders. */
export function patternsIn(root: string, folders: readonly string[]): Pattern[] {
  return folders.flatMap(folder => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .flatMap(path => literals(join(folder, path), readFileSync(join(root, folder, path), 'utf8'))))
}

function literals(file: string, text: string): Pattern[] {
  const found: Pattern[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return found
}

const PIECES = [
  ...' \n\tab1!?.,@#-_/\\`~>*[](){}|:;"\'’“é字👍', 'a ', '. ', '1 ', ' \n', '- ', 'a@', '[a', '](', ' a', '.a', '1.', 'a\n', '> ', '``', '~~~', '**', 'i ', '?!', '\n\n ', ': ', ' - ', 'A. ', '１',
]
const ENDS = ['', '\u0001', 'x', ' x']
const LENGTHS = { short: 2000, long: 8000 } as const
/** Four times the text may take so much more work: linear is 4, quadratic 16. */
const STEEPEST = 9
/** What takes less than this for the long text is fast whatever its slope, in milliseconds. */
const FAST_MS = 5

/** What a pattern is given to chew on: pieces of text, its own words among them, over and over. */
function piecesFor({ source }: Pattern): string[] {
  const words = [...new Set(source.replace(/\\[a-zA-Z]/g, ' ').match(/[a-z]{2,}/gi) ?? [])].slice(0, 40)
  return [...PIECES, ...words.map(word => `${word} `)]
}

/**
 * Finds texts on which a pattern's work grows faster than the text does.
 *
 * @returns what it is too slow on, as `piece…end: ratio`
 */
export function superLinear(pattern: Pattern): string[] {
  const everywhere = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
  return growing(piecesFor(pattern), text => text.replace(everywhere, ''))
}

/** As {@link superLinear}, for any work on a text. */
export function growing(pieces: readonly string[], work: (text: string) => unknown, ends: readonly string[] = ENDS): string[] {
  return pieces.flatMap(piece => ends.flatMap((end) => {
    const texts = Object.values(LENGTHS).map(length => piece.repeat(Math.ceil(length / piece.length)) + end)
    // Others use the machine too: what is slow by itself is slow each time.
    for (let attempt = 0; attempt < 5; attempt++) {
      const [short = 0, long = 0] = texts.map(text => timed(() => work(text)))
      if (long < FAST_MS || long <= STEEPEST * short) return []
    }
    return [`${JSON.stringify(piece)}…${JSON.stringify(end)}`]
  }))
}

function timed(work: () => unknown): number {
  const began = performance.now()
  work()
  return performance.now() - began
}

export const ADVERSARIAL = PIECES
