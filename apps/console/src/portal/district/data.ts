import { useQuery } from '@tanstack/react-query';
import type { ATTRIBUTES, OPERATORS } from '../../../dist/api/words';
import { get, getAll, post } from '../../shared/api';
import { useDistrictScope, type Api } from '../scope';

export type Grant = Api['GrantResponse'];
export type ListedApp = Api['ListedAppResponse'];
/** Fields by kind. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export type ChosenKind = keyof typeof ATTRIBUTES;
export type Operator = (typeof OPERATORS)[number];

/** What one attribute has to be. */
export interface Condition {
  attribute: string;
  operator: Operator;
  values: string[];
}

/** Chooses the records of one kind of which every condition holds. */
export interface AttributeRule {
  kind: ChosenKind;
  conditions: Condition[];
}

export type Selection =
  | { type: 'everything' }
  | { type: 'schools'; schoolIds: string[] }
  | { type: 'sections'; sectionIds: string[] }
  | { type: 'rules'; rules: AttributeRule[] };

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

/** A choice names at least one school or section, or says of each rule what it chooses by. */
export function isComplete({ selection }: Choice): boolean {
  switch (selection.type) {
    case 'everything':
      return true;
    case 'schools':
      return selection.schoolIds.length > 0;
    case 'sections':
      return selection.sectionIds.length > 0;
    case 'rules':
      return (
        selection.rules.length > 0 &&
        selection.rules.every(({ conditions }) => conditions.every(({ values }) => values.length > 0))
      );
  }
}

export type OwnRecord = Api['PreviewRecordResponse'];
export type RecordsBody = Api['RecordsRequest'];

/** A page of the district's own records. */
export function findRecords(
  scope: { districtId: string },
  body: RecordsBody,
  signal?: AbortSignal,
): Promise<Api['PreviewPageResponse']> {
  return post('/v1/district/records', { scope, body, signal });
}

/** All of them, page by page. */
export async function allRecords(
  scope: { districtId: string },
  body: Omit<RecordsBody, 'limit' | 'after'>,
  signal?: AbortSignal,
): Promise<OwnRecord[]> {
  const found: OwnRecord[] = [];
  let after: string | undefined;
  do {
    const page = await findRecords(scope, { ...body, limit: 100, ...(after ? { after } : {}) }, signal);
    found.push(...page.records);
    after = page.next ?? undefined;
  } while (after);
  return found;
}

/** The district's schools by id, in the order of their names. */
export function useSchools() {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['own-schools', scope],
    staleTime: 300_000,
    queryFn: async ({ signal }) =>
      new Map((await allRecords(scope, { kind: 'school' }, signal)).map(({ id, title }) => [id, title])),
  });
}
