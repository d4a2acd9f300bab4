/** The product's docs, taken into the server by the build. */
declare module '#docs' {
  import type { DocPage } from '~~/server/ai/built-in/passages'

  const pages: DocPage[]
  export default pages
}
