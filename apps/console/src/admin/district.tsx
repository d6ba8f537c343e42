import { Anchor, Button, FileButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { get, post, upload } from '../shared/api';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatInstant, formatNumber, kindName } from '../shared/format';
import { ImportChanges } from '../shared/import-changes';
import { ImportReport, ImportStatus, changesOf, type Import } from '../shared/imports';
import { ErrorState, Loaded, PageTitle } from '../shared/states';
import { common, district, staff as t } from '../strings';
import { GrantsList, PagedList } from './lists';
import { SeePages } from './viewing';
import { useMayChange, type District, useOne } from './data';
import { InviteOwner } from './invite-owner';

export function DistrictPage() {
  const { id, one } = useOne<District>('districts');
  const mayChange = useMayChange();
  return (
    <Loaded query={one}>
      {({ name, lastImportAt }) => (
        <>
          <PageTitle
            title={name}
            lead={`${t.lastImport}: ${lastImportAt ? formatInstant(lastImportAt) : common.never}`}
          >
            {mayChange && <SeePages place="district" id={id} name={name} />}
            {mayChange && <Upload districtId={id} />}
          </PageTitle>
          <Imports districtId={id} />
          <GrantsList query={{ districtId: id }} />
          {mayChange && <InviteOwner path={`/v1/districts/${id}/people`} />}
        </>
      )}
    </Loaded>
  );
}

function Upload({ districtId }: { districtId: string }) {
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: (file: File) => upload(`/v1/districts/${districtId}/imports`, file),
    onSuccess: async () => {
      notify(t.uploaded);
      await client.invalidateQueries();
    },
  });
  return (
    <div>
      <FileButton onChange={(file) => file && send.mutate(file)} accept="application/zip,.zip">
        {(props) => (
          <Button {...props} loading={send.isPending} title={t.uploadHint}>
            {t.upload}
          </Button>
        )}
      </FileButton>
      {send.error && <ErrorState error={send.error} />}
    </div>
  );
}

function Imports({ districtId }: { districtId: string }) {
  return (
    <PagedList<Import>
      title={t.imports}
      path={`/v1/districts/${districtId}/imports`}
      columns={[
        {
          name: district.begun,
          cell: ({ id, startedAt }) => (
            <Anchor component={Link} to={`/districts/${districtId}/imports/${id}`}>
              {formatInstant(startedAt)}
            </Anchor>
          ),
        },
        { name: t.status, cell: ({ status }) => <ImportStatus status={status} /> },
        { name: district.changes, cell: changesOf },
      ]}
    />
  );
}

export function ImportPage() {
  const { id = '', importId = '' } = useParams();
  const client = useQueryClient();
  const mayChange = useMayChange();
  const path = `/v1/districts/${id}/imports/${importId}` as const;
  const report = useQuery({
    queryKey: ['import', id, importId],
    queryFn: ({ signal }) => get<Import>(path, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? 1000 : false),
  });
  const move = (verb: 'confirm' | 'discard') => async () => {
    await post(`${path}/${verb}`);
    await client.invalidateQueries();
  };
  const deletedOf = ({ kinds }: Import) =>
    Object.entries(kinds)
      .filter(([, { deleted }]) => deleted > 0)
      .map(([kind, { deleted }]) => `${formatNumber(deleted)} ${kindName(kind, deleted)}`)
      .join(', ');
  return (
    <>
      <Anchor component={Link} to={`/districts/${id}`} size="sm">
        ← {t.district}
      </Anchor>
      <Loaded query={report}>
        {(data) => (
          <>
            <PageTitle title={`${district.report}: ${formatInstant(data.startedAt)}`}>
              <ImportStatus status={data.status} />
              {mayChange && data.status === 'held' && (
                <>
                  <ConfirmButton
                    title={t.confirmTitle}
                    body={t.confirmBody(deletedOf(data))}
                    verb={t.confirmImport}
                    act={move('confirm')}
                  >
                    {t.confirmImport}
                  </ConfirmButton>
                  <ConfirmButton
                    title={t.discardTitle}
                    body={t.discardBody}
                    verb={t.discardImport}
                    act={move('discard')}
                  >
                    {t.discardImport}
                  </ConfirmButton>
                </>
              )}
            </PageTitle>
            <ImportReport report={data}>
              {['held', 'published'].includes(data.status) && (
                <ImportChanges key={data.status} report={data} path={`${path}/changes`} />
              )}
            </ImportReport>
          </>
        )}
      </Loaded>
    </>
  );
}
