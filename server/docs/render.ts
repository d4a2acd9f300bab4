import MarkdownIt from 'markdown-it'
import { pageSlug, slug } from '../ai/built-in/passages'
import type { DocPage } from '../ai/built-in/passages'

const STYLE = `:root{color-scheme:light dark}
body{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 4rem;font:16px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding-bottom:1rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}
a{color:light-dark(#1d4ed8,#93c5fd)}
pre,code{font:.9em/1.5 ui-monospace,monospace;background:color-mix(in srgb,currentColor 8%,transparent);border-radius:.25rem}
code{padding:.1em .3em}pre{padding:.75rem 1rem;overflow-x:auto}pre code{padding:0;background:none}
table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{border:1px solid color-mix(in srgb,currentColor 25%,transparent);padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:normal}
:target{scroll-margin-top:1rem;background:light-dark(#fef3c7,#713f12)}`

/**
 * A page of the docs as a document of its own, which needs no script. Links between pages lead to their addresses here; pictures
 * and files of the repository are named, not linked.
 *
 * @returns nothing where there is no such page
 */
export function renderDocPage(pages: readonly DocPage[], name: string): string | undefined {
  const page = pages.find(({ path }) => pageSlug(path) === name)
  if (!page) return undefined
  const known = new Set(pages.map(({ path }) => pageSlug(path)))
  const parser = new MarkdownIt({ html: false, linkify: false })
  parser.renderer.rules.heading_open = (tokens, index, options, _env, self) => {
    tokens[index]!.attrSet('id', slug(tokens[index + 1]?.content ?? ''))
    return self.renderToken(tokens, index, options)
  }
  parser.renderer.rules.image = (tokens, index) => `<em>${parser.utils.escapeHtml(tokens[index]!.content)}</em>`
  parser.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    const href = addressOf(tokens[index]!.attrGet('href') ?? '', known)
    if (href === undefined) tokens[index]!.attrs = null
    else tokens[index]!.attrSet('href', href)
    return self.renderToken(tokens, index, options)
  }
  const { escapeHtml } = parser.utils
  const links = pages.map(({ path, markdown }) => `<a href="/docs/${pageSlug(path)}">${escapeHtml(titleOf(markdown) ?? path)}</a>`)
  const title = escapeHtml(titleOf(page.markdown) ?? page.path)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title} · Lastra</title><link rel="icon" href="/favicon.svg"><style>${STYLE}</style></head>`
    + `<body><nav aria-label="Pages"><a href="/">Rooms</a>${links.join('')}</nav><main>${parser.render(page.markdown)}</main></body></html>`
}

function titleOf(markdown: string): string | undefined {
  return /^# (.+)$/m.exec(markdown)?.[1]?.replace(/[*`]/g, '')
}

/** Where a link of a page leads: outside, within the page, or to another page; nowhere otherwise. */
function addressOf(href: string, known: ReadonlySet<string>): string | undefined {
  if (/^(?:https?:|mailto:|#)/i.test(href)) return href
  const [path, anchor] = href.split('#')
  const name = path!.endsWith('.md') ? pageSlug(path!) : undefined
  return name !== undefined && known.has(name) ? `/docs/${name}${anchor === undefined ? '' : `#${anchor}`}` : undefined
}
