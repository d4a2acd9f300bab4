import MarkdownIt from 'markdown-it'
import { docsEn as words } from '../../locales/docs.en'
import { pageSlug, shownMarkdown, slug } from './pages'
import type { DocPage } from './pages'
import { DOCS_STYLE } from './style'

const ICONS = '<link rel="icon" type="image/svg+xml" href="/favicon.svg"><link rel="apple-touch-icon" href="/apple-touch-icon.png">'
/** The guide in the order one needs it. */
const ORDER = ['joining', 'calls', 'sharing', 'writing-offline', 'bots-and-agents', 'privacy']
const placeOf = ({ path }: DocPage): number => (ORDER.indexOf(pageSlug(path)) + ORDER.length + 1) % (ORDER.length + 1)
const isGuide = ({ path }: DocPage): boolean => path.startsWith('docs/guide/')

/**
 * A page of the docs as a document of its own, which needs no script. Links between pages lead to their addresses here; files of
 * the repository are named, not linked, and so are pictures whose size is not known.
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
  parser.renderer.rules.image = (tokens, index) => {
    const { content, attrs } = tokens[index]!
    const name = attrs?.find(([key]) => key === 'src')?.[1].replace(/^.*\//, '') ?? ''
    const size = page.pictures?.[name]
    const alt = parser.utils.escapeHtml(content)
    return size ? `<img src="/docs/screenshots/${encodeURIComponent(name)}" alt="${alt}" width="${size.width}" height="${size.height}" loading="lazy" decoding="async">` : `<em>${alt}</em>`
  }
  parser.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    const href = addressOf(tokens[index]!.attrGet('href') ?? '', known)
    if (href === undefined) tokens[index]!.attrs = null
    else tokens[index]!.attrSet('href', href)
    return self.renderToken(tokens, index, options)
  }
  const { escapeHtml } = parser.utils
  const title = escapeHtml(titleOf(page.markdown) ?? page.path)
  const link = ({ path, markdown }: DocPage) => `<li><a href="/docs/${pageSlug(path)}"${path === page.path ? ' aria-current="page"' : ''}>${escapeHtml(titleOf(markdown) ?? path)}</a></li>`
  const group = (name: string, some: readonly DocPage[]) => some.length > 0 ? `<h2>${name}</h2><ul>${some.map(link).join('')}</ul>` : ''
  const nav = group(words.guide, pages.filter(isGuide).sort((a, b) => placeOf(a) - placeOf(b))) + group(words.rest, pages.filter(one => !isGuide(one)))
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title} · Lastra</title>${ICONS}<style>${DOCS_STYLE}</style></head>`
    + `<body><a class="skip" href="#content">${words.skip}</a><header><a class="logo" href="/">Lastra</a><a href="/">${words.rooms}</a><a class="narrow" href="#pages">${words.pages}</a></header>`
    + `<div class="page"><nav id="pages" aria-label="${words.pages}">${nav}</nav><main id="content">${parser.render(shownMarkdown(page.markdown))}</main></div></body></html>`
}

/** A page with the theme its reader chose; without a choice it goes with the system, as the product does. */
export function themed(html: string, cookies = ''): string {
  const chosen = /(?:^|;\s*)nuxt-color-mode=(light|dark)(?:;|$)/.exec(cookies)?.[1]
  return chosen ? html.replace('<html lang="en">', `<html lang="en" style="color-scheme:${chosen}">`) : html
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
