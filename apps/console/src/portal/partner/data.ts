import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get } from '../../shared/api';
import { useAppScope, type Api } from '../scope';

export type Grant = Api['GrantResponse'];
export type Token = Api['TokenResponse'];
export type Migration = Api['MigrationDetailResponse'];
/** A district as an app sees it, and how it fares. */
export type District = Api['AppDistrictResponse'];
export type Districts = Api['AppDistrictsPage'];
export type DistrictState = District['state'];

export function useMigration() {
  const scope = useAppScope();
  return useQuery({
    queryKey: ['migration', scope],
    queryFn: ({ signal }) => get<Migration>('/v1/migration', { scope, signal }),
  });
}

/** The app's districts by name, as the service searches and pages them. */
export function useDistricts({ search = '', state = '' } = {}, limit = 100) {
  const scope = useAppScope();
  return useInfiniteQuery({
    queryKey: ['app-districts', scope, search, state, limit],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      get<Districts>('/v1/districts', {
        scope,
        signal,
        query: { search, state, limit, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

/** One of them, by its grant; undefined when the app has none of this id. */
export function useDistrict(grantId: string) {
  const scope = useAppScope();
  return useQuery({
    queryKey: ['app-districts', scope, grantId],
    queryFn: async ({ signal }) => {
      const [found, tokens] = await Promise.all([
        get<Districts>('/v1/districts', { scope, signal, query: { grantId } }),
        get<Api['TokensPage']>('/v1/tokens', { scope, signal, query: { grantId, limit: 1000 } }),
      ]);
      return { district: found.data[0], tokens: tokens.data };
    },
  });
}

export const STATE_COLORS: Readonly<Record<DistrictState, string>> = {
  live: 'teal',
  unused: 'blue',
  ending: 'orange',
  requested: 'yellow',
  upcoming: 'blue',
  ended: 'gray',
  paused: 'gray',
  revoked: 'gray',
  none: 'red',
};

export const sumOfUses = ({ uses }: Token) => uses.reduce((sum, each) => sum + each.uses, 0);
