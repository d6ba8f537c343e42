import { Anchor, Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { getAll } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { Loaded, PageTitle, Section } from '../shared/states';
import { staff as t } from '../strings';
import { useMayChange, type App, type Partner, useOne } from './data';
import { InviteOwner } from './invite-owner';

export function PartnerPage() {
  const { id, one } = useOne<Partner>('partners');
  const mayChange = useMayChange();
  const apps = useQuery({
    queryKey: ['apps-of', id],
    queryFn: ({ signal }) => getAll<App>('/v1/apps', { signal }),
  });
  return (
    <Loaded query={one}>
      {({ name }) => (
        <>
          <PageTitle title={name} />
          <Section title={t.apps}>
            <Loaded query={apps}>
              {(rows) => (
                <DataTable
                  label={t.apps}
                  rows={rows.filter(({ partnerId }) => partnerId === id)}
                  keyOf={(row) => row.id}
                  columns={[
                    {
                      name: t.name,
                      cell: (row) => (
                        <Anchor component={Link} to={`/apps/${row.id}`}>
                          {row.name}
                        </Anchor>
                      ),
                    },
                    { name: t.clientId, cell: ({ clientId }) => <Code>{clientId}</Code> },
                  ]}
                />
              )}
            </Loaded>
          </Section>
          {mayChange && <InviteOwner path={`/v1/partners/${id}/people`} />}
        </>
      )}
    </Loaded>
  );
}
