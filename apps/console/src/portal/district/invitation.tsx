import { Card, SimpleGrid, Text, Title, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiProblem, post } from '../../shared/api';
import { EmptyState, Loaded, PageTitle } from '../../shared/states';
import { district as t } from '../../strings';
import { usePlaces, type Api } from '../scope';

/** Where an app's link leads; its code stands behind `#` and goes on to the page of the district that is chosen. */
export function InvitationPage() {
  const { districts } = usePlaces();
  const [code] = useState(() => window.location.hash.slice(1));
  const [first] = districts;
  useEffect(() => window.history.replaceState(window.history.state, '', window.location.pathname), []);
  const invitation = useQuery({
    queryKey: ['app-invitation', code],
    enabled: first !== undefined && code !== '',
    gcTime: 0,
    queryFn: () =>
      post<Api['InvitationWithApp']>('/v1/district/invitations/look-up', {
        scope: { districtId: first?.id ?? '' },
        body: { code },
      }),
  });
  const navigate = useNavigate();
  if (!first) return <EmptyState title={t.nowhere}>{t.invitationNoDistrict}</EmptyState>;
  const isGone = code === '' || (invitation.error instanceof ApiProblem && invitation.error.status < 429);
  if (isGone) return <EmptyState title={t.invitationGone}>{t.invitationGoneText}</EmptyState>;
  return (
    <Loaded query={invitation}>
      {({ app, note, districtId }) => (
        <>
          <PageTitle title={`${t.invitationTitle}: ${app.name}`} lead={t.invitationLead} />
          {note && <Text mb="md">{note}</Text>}
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {districts
              .filter(({ id }) => districtId === null || id === districtId)
              .map(({ id, name }) => (
                <UnstyledButton
                  key={id}
                  onClick={() =>
                    void navigate(`/districts/${id}/apps/${app.id}`, { state: { code, app, note } })
                  }
                >
                  <Card className="card" padding="lg">
                    <Title order={2}>{name}</Title>
                  </Card>
                </UnstyledButton>
              ))}
          </SimpleGrid>
        </>
      )}
    </Loaded>
  );
}
