import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './base.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider, type InfiniteData } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider, createBrowserRouter, type RouteObject } from 'react-router';
import { ApiProblem, whenSignedOut } from './api';
import { enter } from './session';
import { cssVariables, theme } from './theme';

const LONG_LIST_PAGES = 3;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A list that was read far is asked for again page by page: not at each return to the window.
      staleTime: ({ state }) =>
        ((state.data as Partial<InfiniteData<unknown>> | undefined)?.pages?.length ?? 0) > LONG_LIST_PAGES
          ? 5 * 60_000
          : 15_000,
      // What was refused stays refused; what was lost on the way is asked for again.
      retry: (count, error) =>
        count < 2 && !(error instanceof ApiProblem && error.status > 0 && error.status < 500),
    },
  },
});
whenSignedOut(() => enter(client, null));

/** The server gives every page a nonce; the style elements that the library writes carry it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
// The lock on scrolling behind a dialog is another library's, which looks here.
Reflect.set(window, '__webpack_nonce__', nonce);

/** Puts an application with these pages into the document. */
export function start(routes: RouteObject[]): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('The document has no root.');
  const router = createBrowserRouter(routes);
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce ?? ''}
      >
        <QueryClientProvider client={client}>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
