import { useQuery } from '@tanstack/react-query';
import { get, getAll } from '../../shared/api';
import { useDistrictScope, type Api } from '../scope';

export type Grant = Api['GrantResponse'];
export type ListedApp = Api['ListedAppResponse'];
/** Fields by kind. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export type Selection =
  | { type: 'everything' }
  | { type: 'schools'; schoolIds: string[] }
  | { type: 'sections'; sectionIds: string[] }
  | { type: 'rules'; rules: unknown[] };

/** What is chosen to be shared. */
export interface Choice {
  selection: Selection;
  hideFields: string[];
  startsAt: string | null;
  endsAt: string | null;
}

export const GRANT_COLORS: Readonly<Record<string, string>> = {
  active: 'teal',
  requested: 'yellow',
  paused: 'orange',
  revoked: 'gray',
};

/** Every app that districts can find, by id. */
export function useListedApps() {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['listed-apps', scope],
    queryFn: ({ signal }) => getAll<ListedApp>('/v1/district/apps', { scope, signal }),
  });
}

export function useGrants() {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['grants', scope],
    queryFn: ({ signal }) => getAll<Grant>('/v1/district/grants', { scope, signal }),
  });
}

export function useInvitations() {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['district-invitations', scope],
    queryFn: ({ signal }) => get<Api['InvitationsWithApps']>('/v1/district/invitations', { scope, signal }),
  });
}

/** A choice of schools or sections names at least one. */
export function isComplete({ selection }: Choice): boolean {
  if (selection.type === 'schools') return selection.schoolIds.length > 0;
  return selection.type !== 'sections' || selection.sectionIds.length > 0;
}
