import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The pages are those of the repository's docs folder; this is how they are shown. */
export default defineConfig({
  title: 'Hallpass',
  description: 'Rosters that districts share, app by app and district by district.',
  base: '/docs/',
  srcDir: at('../dist/pages'),
  outDir: at('../dist/site'),
  cacheDir: at('../dist/cache'),
  cleanUrls: true,
  // Not when it was built, but from what: the same sources give the same site.
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: '/docs/icon.svg', type: 'image/svg+xml' }]],
  markdown: { anchor: { level: [1, 2, 3, 4] }, lineNumbers: false },
  // The demo's addresses.
  ignoreDeadLinks: [/^https?:\/\/(localhost|127\.0\.0\.1)/],
  vite: {
    publicDir: at('../dist/public'),
    build: { chunkSizeWarningLimit: 2000 },
  },
  themeConfig: {
    logo: '/icon.svg',
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Get started', link: '/getting-started' },
      { text: 'From keys to tokens', link: '/retiring-api-keys' },
      { text: 'Reference', link: '/reference/data-api' },
      { text: 'Run it', link: '/operations' },
    ],
    sidebar: [
      {
        text: 'For partners',
        items: [
          { text: 'Get started', link: '/getting-started' },
          { text: 'From API keys to tokens', link: '/retiring-api-keys' },
          { text: 'Syncing well', link: '/syncing' },
          { text: 'Tokens, rotation, leaks, OAuth', link: '/tokens' },
          { text: 'Sharing and scope', link: '/sharing' },
          { text: 'Events', link: '/events' },
          { text: 'Webhooks', link: '/webhooks' },
          { text: 'Limits', link: '/limits' },
          { text: 'Versions, and how they end', link: '/api-versions' },
          { text: 'Errors', link: '/errors' },
          { text: 'Client for TypeScript', link: '/clients/typescript' },
          { text: 'Client for Python', link: '/clients/python' },
          { text: 'Clients written for Clever', link: '/clever-clients' },
        ],
      },
      {
        text: 'For districts',
        items: [
          { text: 'Privacy and security', link: '/privacy' },
          { text: 'Security', link: '/security' },
          { text: 'What you share', link: '/sharing' },
          { text: 'Importing rosters', link: '/importing-rosters' },
          { text: 'Who read what', link: '/access-log' },
        ],
      },
      {
        text: 'For operators',
        items: [
          { text: 'Operations', link: '/operations' },
          { text: 'Configuration', link: '/configuration' },
          { text: 'Planning the end of API keys', link: '/sunset-plan' },
          { text: 'Changes', link: '/changes' },
        ],
      },
      {
        text: 'For engineers',
        items: [
          { text: 'A service from the packages', link: '/building-services' },
          { text: 'The words', link: '/glossary' },
          { text: 'Decisions', link: '/adr/' },
        ],
      },
      {
        text: 'API reference',
        items: [
          { text: 'Data API', link: '/reference/data-api' },
          { text: 'Token service', link: '/reference/token-service' },
          { text: 'Admin', link: '/reference/admin' },
        ],
      },
    ],
  },
});
