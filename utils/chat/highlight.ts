import type { HighlighterCore } from 'shiki/core'

/** Languages that can be highlighted, by the names people write. Each is its own chunk, loaded when first needed. */
const LANGUAGES = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  vue: () => import('shiki/langs/vue.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
} as const

type Language = keyof typeof LANGUAGES

const ALIASES: Record<string, Language> = { sh: 'bash', shell: 'bash', zsh: 'bash', js: 'javascript', mjs: 'javascript', jsx: 'javascript', ts: 'typescript', tsx: 'typescript', py: 'python', rs: 'rust', yml: 'yaml', golang: 'go', h: 'c', xml: 'html', patch: 'diff' }

/** Code beyond this many characters stays plain: highlighting it would hold the page up. */
const HIGHLIGHT_MAX = 12_000

export interface HighlightedToken { text: string, style: string }

// Safe to share: it is created in the browser only and holds grammars, nothing of a person or request.
let highlighter: Promise<HighlighterCore> | undefined

/** The language a fence's name stands for, if it can be highlighted. */
export function languageOf(name: string): Language | undefined {
  return Object.hasOwn(LANGUAGES, name) ? name as Language : Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined
}

/**
 * Colours code for both themes at once, as tokens for elements made by hand: no HTML string is involved.
 *
 * @returns one list of tokens per line, or undefined for unknown languages and very long code
 */
export async function highlight(code: string, name: string): Promise<HighlightedToken[][] | undefined> {
  const language = languageOf(name)
  if (!language || code.length > HIGHLIGHT_MAX) return undefined
  highlighter ??= create()
  const shiki = await highlighter
  await shiki.loadLanguage(LANGUAGES[language]())
  const { tokens } = shiki.codeToTokens(code, { lang: language, themes: { light: 'github-light-high-contrast', dark: 'github-dark-default' }, defaultColor: false })
  return tokens.map(line => line.map(token => ({ text: token.content, style: styleOf(token.htmlStyle) })))
}

function styleOf(style: Record<string, string> | undefined): string {
  return Object.entries(style ?? {}).map(([key, value]) => `${key}:${value}`).join(';')
}

async function create(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([import('shiki/core'), import('shiki/engine/javascript')])
  return createHighlighterCore({
    themes: [import('shiki/themes/github-light-high-contrast.mjs'), import('shiki/themes/github-dark-default.mjs')],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
}
