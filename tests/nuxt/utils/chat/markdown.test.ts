import { describe, expect, it } from 'vitest'
import { h, render } from 'vue'
import type { MarkdownOptions } from '~/utils/chat/markdown'
import { createGrowingMarkdown, renderMarkdown } from '~/utils/chat/markdown'
import { TextPieces } from '~/utils/chat/pieces'

/** What the browser makes of a message, but for its code blocks. */
function dom(text: string, options: MarkdownOptions = {}): HTMLElement {
  const root = document.createElement('div')
  render(h('div', renderMarkdown(text, options).map(segment => segment.kind === 'text' ? h(TextPieces, { pieces: segment.pieces }) : undefined)), root)
  return root
}

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)><g/></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>*{display:none}</style>',
  '<form action=//evil.example><input name=a></form>',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<details open ontoggle=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java&#x0A;script:alert(1))',
  '[x](&#x6A;avascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](file:///etc/passwd)',
  '[x](//evil.example)',
  '[x](/r/../api/session)',
  '[x](/docs/%2e%2e/api/session)',
  '[x](/api/session)',
  '![x](https://evil.example/pixel.gif)',
  '![x](javascript:alert(1))',
  '[a]: javascript:alert(1)\n\n[a]',
  '<javascript:alert(1)>',
  '[x](https://a.example "onmouseover=alert(1) \\" onmouseover=\\"alert(1)")',
  '`<img src=x onerror=alert(1)>`',
  '```"><img src=x onerror=alert(1)>\n<img src=x onerror=alert(1)>\n```',
  '> ```"onload=alert(1)\n> <script>alert(1)</script>\n> ```',
  '**<img src=x onerror=alert(1)>**',
  '| <img src=x onerror=alert(1)> | b |\n|---|---|\n| <script>alert(1)</script> | 2 |',
  'https://a.example/"onmouseover="alert(1)',
  '<!--><img src=x onerror=alert(1)>-->',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '</textarea><script>alert(1)</script>',
  '\u0000<script>alert(1)</script>',
]

describe('markdown', () => {
  it.each(ATTACKS)('makes nothing that runs or fetches of %j', (attack) => {
    const root = dom(attack)
    expect(root.querySelectorAll('script, img, svg, iframe, style, form, input, math, object, embed, details, video, audio, link, meta, base')).toHaveLength(0)
    for (const element of root.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^srcdoc$|^src$|^id$|^class$/)
        if (name === 'href') expect(value).toMatch(/^(?:https?:|mailto:)/i)
      }
    }
  })

  it('opens links apart and vouches for none', () => {
    const link = dom('see https://example.org/a').querySelector('a')!
    expect(link.getAttribute('href')).toBe('https://example.org/a')
    expect(link.getAttribute('target')).toBe('_blank')
    expect(link.getAttribute('rel')).toBe('noopener nofollow')
  })

  it('renders what people use', () => {
    const root = dom('**b** *i* ~~s~~ `c`\n\n- one\n- two\n\n3. three\n\n> q\n\n| a |\n|---|\n| 1 |')
    for (const tag of ['strong', 'em', 's', 'code', 'ul', 'ol', 'blockquote', 'table']) expect(root.querySelector(tag), tag).not.toBeNull()
    expect(root.querySelector('ol')!.getAttribute('start')).toBe('3')
  })

  it('keeps single newlines', () => {
    expect(dom('a\nb').querySelectorAll('br')).toHaveLength(1)
  })

  it('takes code blocks out as text', () => {
    const segments = renderMarkdown('before\n\n```TS title\n<b>\n```\n\nafter')
    expect(segments.map(segment => segment.kind)).toEqual(['text', 'code', 'text'])
    expect(segments[1]).toEqual({ kind: 'code', code: '<b>', language: 'ts' })
  })

  it.each(['#', '>', '***', '---', '***\n\n---', '[]()', '<!-- -->', '[x]: https://example.org', '```\n```', '> #'])('shows %j as it was typed', (typed) => {
    // A line's end is an element, and no text.
    expect(dom(typed).textContent!.replace(/\s+/g, '')).toBe(typed.replace(/\s+/g, ''))
  })

  it('keeps a rule between words a rule', () => {
    expect(dom('a\n\n***\n\nb').querySelectorAll('hr')).toHaveLength(1)
  })

  it('shows the boxes of a list of tasks, to be looked at only', () => {
    const boxes = [...dom('- [ ] one\n- [x] two').querySelectorAll<HTMLInputElement>('input')]
    expect(boxes.map(({ type, checked, disabled }) => ({ type, checked, disabled }))).toEqual([{ type: 'checkbox', checked: false, disabled: true }, { type: 'checkbox', checked: true, disabled: true }])
  })

  it('keeps the direction of each block', () => {
    const root = dom('שלום `code`\n\n- אחת\n\n> hello')
    expect(root.querySelector('p')!.dir).toBe('auto')
    expect(root.querySelector('ul')!.dir).toBe('rtl')
    expect(root.querySelector('blockquote')!.dir).toBe('ltr')
    expect(root.querySelector('code')!.dir).toBe('ltr')
  })

  it('shows an image as the link it is', () => {
    const root = dom('![cat](https://example.org/cat.png)')
    expect(root.querySelector('img')).toBeNull()
    expect(root.querySelector('a')!.getAttribute('href')).toBe('https://example.org/cat.png')
    expect(root.textContent!.trim()).toBe('cat')
  })

  it('survives endless nesting', () => {
    expect(() => renderMarkdown('>'.repeat(5000) + '*'.repeat(5000) + '['.repeat(5000))).not.toThrow()
  })

  it.each([
    '# Title\nand text\n\n- one\n- two\n\n  more of two\n\n1. three\n2. four\n\n> quote\nlazy\n\n```js\nconst a = 1\n\n\n```\nafter @ann\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n***\nend',
    'text\n===\n    code\n\n    more code\n\ntext\n---\n* a\n+ b\n\n\n- c\n\ttab\n~~~\n```\n~~~\n',
    '\r\nold\r\rmac\rlines\n\nand windows\r\n\r\nlines **and\r\nmore** of @ann\r\n\r\n- x\r\n',
  ])('[AI-1] makes the same of a text that grows as of the whole, at every length', (text) => {
    const growing = createGrowingMarkdown()
    const mentions = /(^|\s)(@ann)/gi
    for (let length = 0; length <= text.length; length++) {
      const part = text.slice(0, length)
      expect(growing(part, mentions), JSON.stringify(part)).toEqual(renderMarkdown(part, { mentions, blocks: true, growing: true }))
    }
    expect(growing('another text')).toEqual(renderMarkdown('another text', { blocks: true, growing: true }))
  })

  it('marks whom a text names, and nobody in code or links', () => {
    const mentions = /(^|\s)(@ann)/gi
    const root = dom('@ann and **@Ann** `@ann` [@ann](https://example.org) <mark>x</mark>', { mentions })
    expect([...root.querySelectorAll('mark')].map(mark => mark.textContent)).toEqual(['@ann', '@Ann'])
  })
})
