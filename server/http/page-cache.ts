import { LRUCache } from 'lru-cache'

/** A page as it was rendered, with a mark where each response puts a nonce of its own. */
export interface KeptPage {
  html: string
  csp: string
  headers: Record<string, string>
  at: number
}

/** Stands for the nonce; no page holds it by itself. */
const NONCE = '__LASTRA_NONCE__'

/** How long a page is shown as it is, and for how long beyond that while a new one is being rendered. */
const FRESH_MS = 3_000
const STALE_MS = 60_000
const PAGES = 64

/** Pages whose visitors all see the same: nobody is signed in. */
export function isShared(path: string, url: string, headers: { cookie?: string, authorization?: string }): boolean {
  if (url !== path || headers.authorization !== undefined || headers.cookie?.includes('lastra_')) return false
  return path === '/' || /^\/r\/[a-z0-9][a-z0-9-]{0,63}$/.test(path)
}

/** Keeps what visitors without a name are shown, so that a page is rendered once in a while and not for each of them. */
export class PageCache {
  private readonly pages = new LRUCache<string, KeptPage>({ max: PAGES })
  private readonly rendering = new Map<string, Promise<void>>()

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The page to show now; nothing where it has to be rendered by who asks. Waits for one that is being rendered the first time. */
  async find(path: string): Promise<KeptPage | undefined> {
    const under = this.rendering.get(path)
    const kept = this.pages.get(path)
    const age = kept ? this.now() - kept.at : Infinity
    if (age < FRESH_MS || (under && age < STALE_MS)) return kept
    if (!under) return undefined
    await under
    return this.pages.get(path)
  }

  /** While `render` goes on, others are shown the last page, or wait for this one. */
  async renewing(path: string, render: () => Promise<void>): Promise<void> {
    const done = render()
    const settled = done.catch(() => undefined)
    this.rendering.set(path, settled)
    await done.finally(() => this.rendering.delete(path))
  }

  keep(path: string, page: { html: string, csp: string, headers: Record<string, string> }, nonce: string): void {
    this.pages.set(path, { ...page, html: page.html.replaceAll(nonce, NONCE), csp: page.csp.replaceAll(nonce, NONCE), at: this.now() })
  }
}

/** A kept page for one response. */
export function withNonce({ html, csp }: KeptPage, nonce: string): { html: string, csp: string } {
  return { html: html.replaceAll(NONCE, nonce), csp: csp.replaceAll(NONCE, nonce) }
}
