import { fileURLToPath } from 'node:url'
import { readDocs } from './server/docs/docs-files'

/** Everything an operator can set is here; each value is overridden by the `NUXT_…` variable of the same path. */
export default defineNuxtConfig({
  modules: ['@nuxt/ui', '@pinia/nuxt', '@vueuse/nuxt', 'nuxt-security', '@nuxt/eslint'],
  // Nitro's own entry listens with a queue of 511 and hands every message of a socket through its router.
  $production: { nitro: { entry: fileURLToPath(new URL('./server/entry.ts', import.meta.url)) } },
  ssr: true,
  components: [{ path: '~/components', pathPrefix: false }],
  // Composables stand in folders by what they are about, and are found by their names.
  imports: { dirs: ['composables/**'] },
  devtools: { enabled: false },
  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      title: 'Lastra',
      meta: [
        { name: 'viewport', content: 'width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content' },
        { name: 'description', content: 'Rooms where people talk and see each other, and nothing said is ever lost.' },
        // The page's own ground; a theme that is chosen takes their place (plugins/theme.client.ts).
        { name: 'theme-color', content: '#ffffff', media: '(prefers-color-scheme: light)' },
        { name: 'theme-color', content: '#0a0d10', media: '(prefers-color-scheme: dark)' },
      ],
      link: [
        { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' },
        { rel: 'icon', sizes: '48x48', href: '/favicon.ico' },
        { rel: 'apple-touch-icon', href: '/apple-touch-icon.png' },
        { rel: 'manifest', href: '/manifest.webmanifest' },
      ],
    },
  },
  css: ['~/assets/css/main.css', '~/assets/css/tips.css'],
  // A cookie never throws, not even where the browser forbids every storage. How long it is kept: plugins/theme.client.ts.
  colorMode: { storage: 'cookie' },
  // Nothing is fetched at run time: no font provider, no icon server; icons are in the stylesheet (modules/icons.ts).
  ui: { fonts: false, colorMode: true },
  runtimeConfig: {
    dataDir: '.data',
    /** `postgres://…`: the log of many nodes; an embedded database in the data folder where empty. */
    databaseUrl: '',
    databaseConnections: 10,
    /** `redis://…`: what nodes tell each other goes over it. */
    redisUrl: '',
    logLevel: 'info',
    /** Browser origins besides the server's own that may open sockets and post, separated by commas (CON-1). */
    allowedOrigins: '',
    /** Names browsers may ask for the server by, separated by commas; with none, see `server/auth/hosts.ts`. */
    allowedHosts: '',
    /** Whether `X-Forwarded-For`, `-Host` and `-Proto` are believed: only behind a proxy that sets them. */
    trustProxy: false,
    guestsAllowed: true,
    roomCreation: true,
    /** User ids, separated by commas, that are global operators or administrators. */
    operators: '',
    admins: '',
    tokenDays: 30,
    drainMs: 3000,
    limits: {
      connectionsPerUser: 32,
      connectionsPerAddress: 64,
      frameRate: 30,
      frameBurst: 60,
      chatRate: 10,
      chatBurst: 20,
      sessionsPerMinute: 60,
      roomsPerMinute: 60,
      /** Megabytes on disk: of one person and of one address in a day, and of one room in all. */
      personMbPerDay: 256,
      addressMbPerDay: 2048,
      roomMb: 4096,
      auditEntries: 1_000_000,
    },
    /**
     * Engines of the bots: an OpenAI-compatible server as everybody's default, keys of others that personas may choose, and how
     * long an engine may say nothing before it is given up.
     */
    ai: { baseUrl: '', key: '', model: '', openaiKey: '', anthropicKey: '', googleKey: '', silenceMs: 120_000 },
    turn: { urls: '', secret: '', ttlS: 3600 },
    stun: { urls: '' },
    public: {
      /** What carries the chat: `auto`, `websocket`, `sse`, `polling`, or shares of the users: `sse=20,polling=5,auto`. */
      transport: 'auto',
    },
  },
  // Addresses people type: what they mean is elsewhere.
  routeRules: { '/r': { redirect: '/' }, '/docs': { redirect: '/docs/joining' }, '/help': { redirect: '/docs/joining' } },
  // For `npm run weigh`, which says what the scripts are made of.
  sourcemap: { client: process.env.SOURCE_MAPS ? 'hidden' : false },
  // One stylesheet, fetched once and kept, instead of 144 KB in every page.
  features: { inlineStyles: false },
  // A page's code is fetched when one is about to go there, and in quiet times (plugins/parts.client.ts): not beside that of this page.
  experimental: { defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } }, appManifest: false },
  compatibilityDate: '2026-11-01',
  nitro: {
    // Written once at build time, so that a server without a proxy sends compressed scripts too.
    compressPublicAssets: { gzip: true, brotli: true },
    experimental: { websocket: true },
    // The pictures of the docs, for the pages of them that the server shows.
    publicAssets: [{ dir: fileURLToPath(new URL('./docs/screenshots', import.meta.url)), baseURL: '/docs/screenshots', maxAge: 86_400 }],
    // The docs go into the server, which answers from them and shows them: where it runs, there is no checkout.
    virtual: { '#docs': () => `export default ${JSON.stringify(readDocs(fileURLToPath(new URL('.', import.meta.url))))}` },
    // Nitro's own shutdown cuts sockets with 1006 before it calls any hook; server/plugins/drain.ts does it instead.
    replace: { 'process.env.NITRO_SHUTDOWN_DISABLED': '"1"' },
  },
  // Only markdown-it, and only in the browser, asks for it.
  vite: {
    resolve: { alias: { entities: fileURLToPath(new URL('./utils/shims/entities.ts', import.meta.url)) } },
    define: { __VUE_PROD_DEVTOOLS__: false, __VUE_OPTIONS_API__: false },
    build: { rollupOptions: { output: { experimentalMinChunkSize: 1_500 } } },
  },
  typescript: { strict: true },
  hooks: {
    // Parts for later are fetched later (plugins/parts.client.ts), not as soon as the page stands.
    'build:manifest': (manifest) => {
      for (const part of Object.values(manifest)) part.prefetch = false
    },
  },
  eslint: { config: { stylistic: { semi: false, quotes: 'single', indent: 2, braceStyle: '1tbs' } } },
  icon: { provider: 'none' },
  security: {
    rateLimiter: false,
    xssValidator: false,
    corsHandler: false,
    // It goes by what is declared; `server/http/body.ts` counts what is read.
    requestSizeLimiter: false,
    headers: {
      crossOriginEmbedderPolicy: false,
      // Whether the connection is encrypted is the proxy's business; on plain HTTP this header means nothing.
      strictTransportSecurity: false,
      permissionsPolicy: { 'camera': ['self'], 'microphone': ['self'], 'display-capture': ['self'], 'fullscreen': ['self'], 'geolocation': [] },
      contentSecurityPolicy: {
        'default-src': ['\'self\''],
        'base-uri': ['\'none\''],
        'connect-src': ['\'self\''],
        'font-src': ['\'self\''],
        'form-action': ['\'self\''],
        'frame-ancestors': ['\'self\''],
        'img-src': ['\'self\'', 'data:', 'blob:'],
        'media-src': ['\'self\'', 'blob:', 'mediastream:'],
        'object-src': ['\'none\''],
        'script-src': ['\'self\'', '\'nonce-{{nonce}}\'', '\'strict-dynamic\''],
        'script-src-attr': ['\'none\''],
        'style-src': ['\'self\'', '\'unsafe-inline\''],
        'upgrade-insecure-requests': false,
      },
    },
  },
})
