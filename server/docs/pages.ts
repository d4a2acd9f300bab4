/** A page of the docs: where it stands in the repository, its markdown, and how large its pictures are, in pixels, by their file's name. */
export interface DocPage {
  path: string
  markdown: string
  pictures?: Readonly<Record<string, { width: number, height: number }>>
}

/** A page as people read it: without what is only for who searches. */
export function shownMarkdown(markdown: string): string {
  return markdown.replace(/\n {0,8}<!--[\s\S]*?-->/g, '')
}

/** A page's name in addresses: `docs/call.md` is `call`. */
export function pageSlug(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.md$/, '').toLowerCase()
}

/** A heading's id, as GitHub makes it. */
export function slug(heading: string): string {
  return plain(heading).toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, '').trim().replace(/\s+/g, '-')
}

/** Links of the repository lead nowhere from an answer; their words stay. */
export function withoutLinks(markdown: string): string {
  return markdown.replace(/!?\[([^\][]*)\]\((?!https?:)[^)]*\)/g, '$1')
}

/** A line of markdown as its words alone. */
export function plain(markdown: string): string {
  return withoutLinks(markdown).replace(/[*`]/g, '').trim()
}
