import { describe, expect, it } from 'vitest'
import { createDocsIndex } from '../../../../../server/ai/built-in/docs-index'
import { renderDocPage } from '../../../../../server/docs/render'
import { passagesOf } from '../../../../../server/ai/built-in/passages'
import { slug } from '../../../../../server/docs/pages'

const PAGE = `# The product

First paragraph
on two lines, with [a link](docs/other.md) and [one outside](https://example.org).

![A picture](docs/picture.png)

## Start \`now\`

With Node, and nothing else:

\`\`\`sh
# not a heading
npm start

npm run more
\`\`\`

builds and serves it.

- **One**: the first item
  goes on
- **Two**: the second

### Settings

These can be set:

| variable | default | what it sets |
|---|---|---|
| \`PORT\`, \`HOST\` | \`3000\` | where it listens |
| \`A_B\` |  | a \\| b |

## Last
`

const passages = passagesOf([{ path: 'docs/product.md', markdown: PAGE }])

describe('passages of the docs', () => {
  it('[built-in engine] are paragraphs with their code, items, and rows with the names of their columns', () => {
    expect(passages.map(({ markdown }) => markdown)).toEqual([
      'First paragraph\non two lines, with a link and [one outside](https://example.org).',
      'With Node, and nothing else:\n\n```sh\n# not a heading\nnpm start\n\nnpm run more\n```\n\nbuilds and serves it.',
      '- **One**: the first item\n  goes on',
      '- **Two**: the second',
      'These can be set:',
      '`PORT`, `HOST` · default: `3000` · what it sets: where it listens',
      '`A_B` · what it sets: a \\| b',
    ])
  })

  it('[built-in engine] know their headings, what announces them, and what they call themselves', () => {
    expect(passages[0]).toMatchObject({ trail: ['The product'], anchor: '', lead: '', intro: '' })
    expect(passages[1]).toMatchObject({ trail: ['The product', 'Start now'], anchor: 'start-now' })
    expect(passages[3]).toMatchObject({ lead: 'Two' })
    expect(passages[5]).toMatchObject({ trail: ['The product', 'Start now', 'Settings'], anchor: 'settings', intro: 'These can be set:', lead: 'PORT, HOST' })
  })

  it('have anchors as they are made elsewhere', () => {
    expect(slug('Presence and calls: no `seq`, never stored')).toBe('presence-and-calls-no-seq-never-stored')
  })

  it('[built-in engine] are found in whatever pages there are', () => {
    expect(createDocsIndex([]).search('how do I start?')).toEqual([])
    const index = createDocsIndex([{ path: 'docs/product.md', markdown: PAGE }, { path: 'docs/empty.md', markdown: '' }, { path: 'docs/bare.md', markdown: 'A page without a title, about llamas.\n\n| broken | table |\n\n```\nnever closed' }])
    expect(index.search('where does it listen?')[0]?.passage.lead).toBe('PORT, HOST')
    expect(index.search('llamas')[0]?.passage.trail).toEqual(['docs/bare.md'])
    expect(index.search('the of and')).toEqual([])
  })

  it('[built-in engine] are found by how people ask for them, which nobody is shown', () => {
    const page = { path: 'docs/guide/doors.md', markdown: '# Doors\n\n- **Leave** by the door.\n  <!-- asked: how do I get out / exit -->\n- **Enter** by the window.\n' }
    expect(passagesOf([page]).map(({ markdown, asked }) => [markdown, asked])).toEqual([['- **Leave** by the door.', ['how do I get out', 'exit']], ['- **Enter** by the window.', []]])
    expect(createDocsIndex([page]).help('where is the exit?')[0]?.passage.lead).toBe('Leave')
    expect(renderDocPage([page], 'doors')).not.toContain('asked')
  })
})
