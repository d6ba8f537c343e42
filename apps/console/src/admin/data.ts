import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import type { components } from '../../dist/api/admin';
import { get, getAll, type Path, type RequestOptions } from '../shared/api';
import { useSignedIn } from '../shared/session';

export type Api = components['schemas'];
export interface Partner {
  id: string;
  name: string;
  createdAt: string;
}
export interface App {
  id: string;
  partnerId: string;
  name: string;
  clientId: string;
  isEnabled: boolean;
  isListed: boolean;
  purpose: string;
  signup: string;
  reveal: string;
}
export interface District {
  id: string;
  name: string;
  lastImportAt: string | null;
}
export interface Grant {
  id: string;
  appId: string;
  appName: string;
  districtId: string;
  districtName: string;
  status: string;
  selection: unknown;
  fields: Record<string, string[]>;
  createdAt: string;
}
/** Whether a limit refuses, or only counts. */
export type Mode = 'enforce' | 'shadow';
export interface RatePolicy {
  name: string;
  subject: string;
  requestsMax: number;
  windowSeconds: number | null;
  burst?: number | null;
  mode: Mode;
}

/** Pages of a list, one after the other. */
export function usePaged<T>(path: Path, query: NonNullable<RequestOptions['query']> = {}) {
  return useInfiniteQuery({
    queryKey: ['paged', path, query],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<{ data: T[]; next: string | null }>(path, {
        signal,
        query: { limit: 100, ...query, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

/** Names of all of a short list, by id: what other rows name by id alone. Districts are too many. */
export function useNames(path: '/v1/partners' | '/v1/apps') {
  const list = useQuery({
    queryKey: ['names', path],
    staleTime: 60_000,
    queryFn: ({ signal }) => getAll<{ id: string; name: string }>(path, { signal }),
  });
  const names = new Map(list.data?.map(({ id, name }) => [id, name]));
  return (id: string) => names.get(id) ?? id;
}

/** An auditor looks; others also change. */
export function useMayChange(): boolean {
  const role = useSignedIn().memberships.staff?.role;
  return role !== undefined && role !== 'auditor';
}

/** The one thing that the address of the page names. */
export function useOne<T>(kind: 'partners' | 'apps' | 'districts' | 'grants') {
  const { id = '' } = useParams();
  const one = useQuery({
    queryKey: [kind, id],
    queryFn: ({ signal }) => get<T>(`/v1/${kind}/${id}`, { signal }),
  });
  return { id, one };
}
