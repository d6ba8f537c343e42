import { Anchor, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { post } from '../../shared/api';
import { ConfirmButton, notify } from '../../shared/dialogs';
import { NotFoundPage } from '../../shared/shell';
import { Loaded, PageTitle, Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope, useMayChange, usePlace } from '../scope';
import {
  isComplete,
  useInvitations,
  useListedApps,
  type Choice,
  type Fields,
  type Grant,
  type ListedApp,
} from './data';
import { PreviewSection } from './preview';
import { SharingForm } from './sharing-form';

/** The decision to share with one app, found in the list or named by an invitation. */
export function ApprovePage() {
  const { appId } = useParams();
  const [params] = useSearchParams();
  const invitationId = params.get('invitation');
  const apps = useListedApps();
  const invitations = useInvitations();
  const location = useLocation();
  const carried = (location.state ?? {}) as { code?: string; app?: ListedApp; note?: string };
  const invitation = invitations.data?.data.find(({ id }) => id === invitationId);
  const app = carried.app ?? invitation?.app ?? apps.data?.find(({ id }) => id === appId);
  const note = carried.note ?? invitation?.note;
  if (app) {
    const by = carried.code ? { code: carried.code } : invitationId ? { invitationId } : undefined;
    return <Approval app={app} by={by} note={note} />;
  }
  if (invitationId) return <Loaded query={invitations}>{() => <NotFoundPage />}</Loaded>;
  return <Loaded query={apps}>{() => <NotFoundPage />}</Loaded>;
}

interface ApprovalProps {
  app: ListedApp;
  by: { code: string } | { invitationId: string } | undefined;
  note: string | undefined;
}

function Approval({ app, by, note }: ApprovalProps) {
  const { id } = usePlace();
  const scope = useDistrictScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [choice, setChoice] = useState<Choice>({
    selection: { type: 'everything' },
    hideFields: [],
    startsAt: null,
    endsAt: null,
  });
  const preview = by && 'code' in by ? { code: by.code } : { appId: app.id };
  const share = async () => {
    const grant = by
      ? await post<Grant>('/v1/district/invitations/accept', { scope, body: { ...toBody(choice), ...by } })
      : await post<Grant>('/v1/district/grants', { scope, body: { ...toBody(choice), appId: app.id } });
    await client.invalidateQueries();
    notify(t.shared);
    await navigate(`/districts/${id}/grants/${grant.id}`);
  };
  return (
    <>
      <Anchor component={Link} to={`/districts/${id}/apps`} size="sm">
        ← {t.find}
      </Anchor>
      <PageTitle title={t.approveTitle(app.name)} lead={t.by(app.partner)} />
      <Section title={t.purpose}>
        <Text>{app.purpose || t.noPurpose}</Text>
        {note && (
          <Text mt="sm" size="sm">
            {t.note}: {note}
          </Text>
        )}
      </Section>
      <SharingForm
        value={choice}
        onChange={setChoice}
        requested={app.requestedFields as Fields}
        required={app.requiredFields as Fields}
      />
      <PreviewSection of={preview} choice={choice} />
      {mayChange ? (
        <ConfirmButton
          variant="filled"
          size="md"
          title={t.approveTitle(app.name)}
          body={t.shareBodyPlain(app.name)}
          verb={t.share}
          isDestructive={false}
          disabled={!isComplete(choice)}
          act={share}
        >
          {t.approve}
        </ConfirmButton>
      ) : (
        <Text c="dimmed">{common.viewerHint}</Text>
      )}
    </>
  );
}

export function toBody({ selection, hideFields, startsAt, endsAt }: Choice) {
  return { selection, hideFields, ...(startsAt ? { startsAt } : {}), ...(endsAt ? { endsAt } : {}) };
}
