import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { ApiProblem, get, setCsrfToken } from './api';

export interface Session {
  person: { id: string; name: string; email: string; hasTotp: boolean };
  csrfToken: string;
  authenticatedAt: string;
  expiresAt: string;
  memberships: {
    partners: { id: string; name: string; role: string; apps: { id: string; name: string }[] }[];
    districts: { id: string; name: string; role: string }[];
    staff: { operatorId: string; role: string } | null;
  };
  /** Set where a member of staff looks at these pages. */
  actingAs: {
    staffName: string;
    reason: string;
    until: string;
    place: 'app' | 'district';
    id: string;
  } | null;
}

const KEY = ['session'];

/** Who is signed in; null: nobody. */
export function useSession() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return remember(await get<Session>('/v1/session', { signal }));
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 300_000,
  });
}

/** The session on pages that nobody sees without one. */
export function useSignedIn(): Session {
  const { data } = useSession();
  if (!data) throw new Error('A page that needs a session was shown without one.');
  return data;
}

/** Goes on with a session that an answer gave; null: signed out, and nothing of it is kept. */
export function useEnterSession(): (session: Session | null) => void {
  const client = useQueryClient();
  return (session) => enter(client, session);
}

export function enter(client: QueryClient, session: Session | null): void {
  remember(session);
  if (!session) client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
  client.setQueryData(KEY, session);
}

function remember(session: Session | null): Session | null {
  setCsrfToken(session?.csrfToken);
  return session;
}
