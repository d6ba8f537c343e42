import { useQuery } from '@tanstack/react-query';
import { get, getAll } from '../../shared/api';
import { useAppScope, type Api } from '../scope';

export type Grant = Api['GrantResponse'];
export type Token = Api['TokenResponse'];
export type Migration = Api['MigrationDetailResponse'];

export type DistrictStatus = 'live' | 'unused' | 'ending' | 'requested' | 'paused' | 'revoked' | 'none';

/** A district as an app sees it: its grant, its tokens, and how they fare. */
export interface DistrictRow {
  grant: Grant;
  name: string;
  tokens: Token[];
  live: Token | undefined;
  lastUsedAt: string | undefined;
  status: DistrictStatus;
}

const SOON_MS = 14 * 86_400_000;

export function useMigration() {
  const scope = useAppScope();
  return useQuery({
    queryKey: ['migration', scope],
    queryFn: ({ signal }) => get<Migration>('/v1/migration', { scope, signal }),
  });
}

/** All districts of the app with their tokens, the ones that need something first. */
export function useDistricts() {
  const scope = useAppScope();
  return useQuery({
    queryKey: ['app-districts', scope],
    queryFn: async ({ signal }) => {
      const [grants, tokens, migration] = await Promise.all([
        getAll<Grant>('/v1/grants', { scope, signal }),
        getAll<Token>('/v1/tokens', { scope, signal }),
        get<Migration>('/v1/migration', { scope, signal }),
      ]);
      const names = new Map(migration.byDistrict.map((each) => [each.districtId, each.districtName]));
      const byGrant = Map.groupBy(tokens, ({ grantId }) => grantId);
      return grants
        .map((grant) =>
          rowOf(grant, byGrant.get(grant.id) ?? [], names.get(grant.districtId) ?? grant.districtId),
        )
        .toSorted((a, b) => a.name.localeCompare(b.name));
    },
  });
}

function rowOf(grant: Grant, tokens: Token[], name: string): DistrictRow {
  const live = tokens
    .filter(({ state }) => state === 'live')
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  const lastUsedAt = tokens
    .flatMap(({ uses }) => uses.map(({ lastAt }) => lastAt))
    .toSorted()
    .at(-1);
  return { grant, name, tokens, live, lastUsedAt, status: statusOf(grant, live, lastUsedAt) };
}

function statusOf(grant: Grant, live: Token | undefined, lastUsedAt: string | undefined): DistrictStatus {
  if (grant.status !== 'active') return grant.status;
  if (!live) return 'none';
  const end = live.expiresAt ?? live.retiresAt;
  if (end && new Date(end).getTime() - Date.now() < SOON_MS) return 'ending';
  return lastUsedAt ? 'live' : 'unused';
}

export const STATUS_COLORS: Readonly<Record<DistrictStatus, string>> = {
  live: 'teal',
  unused: 'blue',
  ending: 'orange',
  requested: 'yellow',
  paused: 'gray',
  revoked: 'gray',
  none: 'red',
};

export const sumOfUses = ({ uses }: Token) => uses.reduce((sum, each) => sum + each.uses, 0);
