import { plain, slug, withoutLinks } from '../../docs/pages'
import type { DocPage } from '../../docs/pages'

/** A piece of the docs that can stand for itself: a paragraph, an item of a list, a row of a table. */
export interface Passage {
  id: string
  path: string
  /** The page's own title, and the headings above the passage, outermost first. */
  trail: readonly string[]
  /** The id of the heading above it, as it is used in addresses. Empty under the page's title. */
  anchor: string
  /** The sentence that announces the list or table it stands in. */
  intro: string
  /** What it calls itself: the bold or code it begins with. */
  lead: string
  /** How people ask for it: other words than its own, from a comment below it, which nobody sees. */
  asked: readonly string[]
  markdown: string
}

interface Block {
  kind: 'heading' | 'text' | 'item' | 'row'
  markdown: string
  asked?: string[]
}

/** A comment in a page: `<!-- asked: how do I … / where is … -->` below a passage names it in other words, on as many lines as it needs. */
const ASKED = /^[ \t]*<!-- asked: (.*) -->$/
const ASKED_LINES = /<!-- asked: [\s\S]*?-->/g
const COMMENT = /<!--(?! asked: )[\s\S]*?-->/g

const FENCE = /^\s*(```|~~~)/
/** Longer code is a file to take along, and neither found nor shown as an answer. */
const CODE_LINES = 14
const ITEM = /^(?:[-*+]|\d+[.)])\s+/
const IMAGE = /^!\[[^\]]*\]\([^)]*\)$/
const LEAD = /^(?:[-*+]\s+|\d+[.)]\s+)?(\*\*[^*]+\*\*|`[^`]+`(?:, `[^`]+`)*)/

/** Cuts pages into passages, in the order they stand there. */
export function passagesOf(pages: readonly DocPage[]): Passage[] {
  return pages.flatMap((page) => {
    const trail: string[] = []
    const passages: Passage[] = []
    let anchor = ''
    let intro = ''
    for (const { kind, markdown, asked = [] } of blocksOf(page.markdown)) {
      if (kind === 'heading') {
        const [, marks, title] = /^(#+)\s+(.*)$/.exec(markdown)!
        trail.length = Math.min(trail.length, marks!.length - 1)
        trail.push(plain(title!))
        anchor = marks!.length === 1 ? '' : slug(title!)
        intro = ''
      } else if (!IMAGE.test(markdown)) {
        passages.push({
          id: `${page.path}:${passages.length}`,
          path: page.path,
          trail: trail.length > 0 ? [...trail] : [page.path],
          anchor,
          intro: kind === 'text' ? '' : intro,
          lead: plain(LEAD.exec(markdown)?.[1] ?? ''),
          asked,
          markdown: withoutLinks(markdown),
        })
        if (kind === 'text') intro = /:\s*$/.test(markdown) ? markdown : ''
      }
    }
    return passages
  })
}

/** Headings, paragraphs with the code that belongs to them, items and rows, each as one piece of markdown. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let lines: string[] = []
  let fence: string | undefined
  let opened = 0
  const flush = () => {
    if (lines[0]?.startsWith('|')) blocks.push(...rows(lines))
    else if (lines.length > 0) blocks.push({ kind: ITEM.test(lines[0]!) ? 'item' : 'text', markdown: lines.join('\n').trim() })
    lines = []
  }
  for (const line of markdown.replace(/\r\n/g, '\n').replace(COMMENT, '').replace(ASKED_LINES, lines => lines.replace(/\s+/g, ' ')).split('\n')) {
    const ways = fence ? undefined : ASKED.exec(line)?.[1]
    if (ways !== undefined) {
      flush()
      const last = blocks.at(-1)
      if (last) last.asked = ways.split(' / ')
      continue
    }
    const mark = FENCE.exec(line)?.[1]
    if (fence || mark) {
      if (!fence) opened = lines.length
      lines.push(line)
      fence = fence === undefined ? mark : mark === fence ? undefined : fence
      if (!fence && lines.length - opened > CODE_LINES) lines.length = opened
    } else if (/^#{1,6}\s/.test(line)) {
      flush()
      blocks.push({ kind: 'heading', markdown: line })
    } else if (line.trim() === '') {
      flush()
    } else {
      if (lines.length > 0 && (ITEM.test(line) || line.startsWith('|') !== lines[0]!.startsWith('|'))) flush()
      lines.push(line)
    }
  }
  flush()
  return joined(blocks)
}

/** A block of code goes with what announces it and with the sentence that it interrupts. */
function joined(blocks: readonly Block[]): Block[] {
  const whole: Block[] = []
  for (const block of blocks) {
    const last = whole.at(-1)
    const announced = FENCE.test(block.markdown) && last !== undefined && last.kind !== 'heading' && /[:,]$/.test(last.markdown)
    const goesOn = last !== undefined && /(?:```|~~~)$/.test(last.markdown) && block.kind === 'text' && /^\p{Ll}/u.test(block.markdown)
    if (announced || goesOn) last.markdown += `\n\n${block.markdown}`
    else whole.push({ ...block })
  }
  return whole
}

/** The rows of a table, each with the names of its columns, since a row alone does not say what its cells are. */
function rows(lines: readonly string[]): Block[] {
  const [head, rule, ...body] = lines.map(line => line.replace(/^\||\|\s*$/g, '').split(/(?<!\\)\|/).map(cell => cell.trim()))
  if (!head || !rule?.every(cell => /^:?-+:?$/.test(cell))) return [{ kind: 'text', markdown: lines.join('\n') }]
  return body.map(cells => ({
    kind: 'row',
    markdown: cells.flatMap((cell, index) => cell === '' ? [] : [index > 0 && head[index] ? `${head[index]}: ${cell}` : cell]).join(' · '),
  }))
}
