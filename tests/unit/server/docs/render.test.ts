import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readDocs } from '../../../../server/docs/docs-files'
import { createDocsIndex } from '../../../../server/ai/built-in/docs-index'
import { pageSlug } from '../../../../server/docs/pages'
import { docUrl } from '../../../../server/ai/built-in/quote'
import { renderDocPage, themed } from '../../../../server/docs/render'

const pages = readDocs(fileURLToPath(new URL('../../../../', import.meta.url)))

describe('the pages of the docs', () => {
  it('have names of their own, so that an address means one page', () => {
    const names = pages.map(({ path }) => pageSlug(path))
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['readme', 'spec', 'call']))
  })

  it('[built-in engine] have every heading that an answer leads to', () => {
    const rendered = new Map(pages.map(({ path }) => [`/docs/${pageSlug(path)}`, renderDocPage(pages, pageSlug(path))]))
    for (const passage of createDocsIndex(pages).passages) {
      const [path, anchor] = docUrl(passage).split('#')
      const html = rendered.get(path!)
      expect(html, path).toContain('<main id="content"><h1')
      if (anchor) expect(html, docUrl(passage)).toContain(` id="${decodeURIComponent(anchor)}"`)
    }
  })

  it('link to each other, and to nothing that is not there', () => {
    for (const { path } of pages) {
      const html = renderDocPage(pages, pageSlug(path))!
      expect(html).not.toMatch(/<script/)
      for (const [, href] of html.matchAll(/<a href="([^"]+)"/g)) {
        if (/^(?:https?:|mailto:)/.test(href!) || href === '/') continue
        const [page, anchor] = href!.split('#')
        const target = page === '' ? html : renderDocPage(pages, page!.replace('/docs/', ''))
        expect(target, `${path}: ${href}`).toBeDefined()
        if (anchor) expect(target, `${path}: ${href}`).toContain(` id="${anchor}"`)
      }
    }
  })

  it('show the pictures of the repository, each with its words and its size, and no other', () => {
    const html = renderDocPage([{ path: 'docs/guide/a.md', markdown: '# A\n\n![A "call"](../screenshots/call.png)\n\n![Elsewhere](https://example.org/x.png)', pictures: { 'call.png': { width: 20, height: 10 } } }], 'a')
    expect(html).toContain('<img src="/docs/screenshots/call.png" alt="A &quot;call&quot;" width="20" height="10"')
    expect(html).toContain('<em>Elsewhere</em>')
    for (const { markdown, pictures = {} } of pages) {
      for (const [, alt, name] of markdown.matchAll(/!\[([^\]]*)\]\([^)]*screenshots\/([^)]+)\)/g)) {
        expect(alt!.length, name).toBeGreaterThan(10)
        expect(pictures[name!], `the picture ${name}`).toMatchObject({ width: expect.any(Number) })
      }
    }
  })

  it('have the product\'s head: its logo, the way to the rooms, and the page one is on in the list of all', () => {
    const html = renderDocPage(pages, 'joining')!
    expect(html).toContain('<header><a class="logo" href="/">Lastra</a>')
    expect(html.match(/aria-current="page"/g)).toHaveLength(1)
    expect(html).toContain('<a href="/docs/joining" aria-current="page">')
    expect(html.indexOf('>For people in rooms<')).toBeLessThan(html.indexOf('>For operators and developers<'))
  })

  it('have the theme that was chosen in the product', () => {
    const html = renderDocPage(pages, 'joining')!
    expect(themed(html, 'a=b; nuxt-color-mode=dark; c=d')).toContain('<html lang="en" style="color-scheme:dark">')
    expect(themed(html, 'nuxt-color-mode=system')).toBe(html)
    expect(themed(html)).toBe(html)
  })

  it('are shown as text where they hold HTML, and nothing where there is none', () => {
    expect(renderDocPage([{ path: 'docs/x.md', markdown: '# A <b>\n\n<script>x</script> [y](javascript:z)' }], 'x')).not.toMatch(/<script|<b>|javascript:z"/)
    expect(renderDocPage(pages, 'nowhere')).toBeUndefined()
    expect(renderDocPage(pages, '../package')).toBeUndefined()
  })
})
