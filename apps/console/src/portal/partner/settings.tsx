import {
  Alert,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  Stack,
  TagsInput,
  Text,
  Textarea,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { get } from '../../shared/api';
import { ClientSecrets } from '../../shared/client-secrets';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton } from '../../shared/dialogs';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { NotFoundPage } from '../../shared/shell';
import { common, settings as t } from '../../strings';
import { useMayChange, usePartnerScope, usePlace, type Api } from '../scope';
import { useChangeApp, type App, type Change } from './app-change';
import { RequestedAccess } from './requested-access';

/** What a partner itself sets of an app: what districts read of it, what it asks for, and how its servers sign in. */
export function SettingsPage() {
  const { id } = usePlace();
  const scope = usePartnerScope();
  const apps = useQuery({
    queryKey: ['partner-apps', scope],
    queryFn: ({ signal }) => get<Api['PartnerAppsResponse']>('/v1/apps', { scope, signal }),
  });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead} />
      <Loaded query={apps}>
        {({ data }) => {
          const app = data.find((each) => each.id === id);
          return app ? <Settings app={app} /> : <NotFoundPage />;
        }}
      </Loaded>
    </>
  );
}

function Settings({ app }: { app: App }) {
  const scope = usePartnerScope();
  const mayChange = useMayChange();
  return (
    <>
      <Section title={t.identity}>
        <Group gap="sm">
          <Text>{t.clientId}</Text>
          <Code fz="sm" className="wrap">
            {app.clientId}
          </Code>
          <CopyButton value={app.clientId}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? common.copied : common.copy}
              </Button>
            )}
          </CopyButton>
          <Badge color={app.isEnabled ? 'teal' : 'red'}>{app.isEnabled ? t.enabled : t.disabled}</Badge>
          <Badge color="gray">{app.isListed ? t.listed : t.unlisted}</Badge>
        </Group>
        <Text size="sm" c="dimmed" mt="sm">
          {t.staffSets}
        </Text>
      </Section>
      <Purpose app={app} />
      <RequestedAccess app={app} />
      <ClientSecrets appId={app.id} scope={scope} mayChange={mayChange} />
      <PublicKeys app={app} />
      <RedirectUris app={app} />
    </>
  );
}

/** A section with a value of the app's that is changed and saved. */
function Editable<T>({
  title,
  lead,
  value,
  toChange,
  app,
  children,
}: {
  title: string;
  lead: string;
  value: T;
  toChange: (value: T) => Change;
  app: App;
  children: (value: T, set: (value: T) => void, mayChange: boolean) => ReactNode;
}) {
  const mayChange = useMayChange();
  const [draft, setDraft] = useState(value);
  const save = useChangeApp(app);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(value);
  return (
    <Section title={title} lead={lead}>
      <Stack>
        {children(draft, setDraft, mayChange)}
        {save.error && <ErrorState error={save.error} />}
        {mayChange && (
          <Group>
            <Button
              onClick={() => save.mutate(toChange(draft))}
              disabled={!isChanged}
              loading={save.isPending}
            >
              {common.save}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  );
}

function Purpose({ app }: { app: App }) {
  return (
    <Editable
      title={t.purpose}
      lead={t.purposeLead}
      value={app.purpose}
      toChange={(purpose) => ({ purpose })}
      app={app}
    >
      {(purpose, set, mayChange) => (
        <Textarea
          label={t.purpose}
          value={purpose}
          onChange={(event) => set(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={3}
          readOnly={!mayChange}
        />
      )}
    </Editable>
  );
}

function RedirectUris({ app }: { app: App }) {
  return (
    <Editable
      title={t.redirects}
      lead={t.redirectsLead}
      value={app.redirectUris}
      toChange={(redirectUris) => ({ redirectUris })}
      app={app}
    >
      {(uris, set, mayChange) => (
        <TagsInput
          label={t.redirects}
          placeholder={uris.length === 0 ? t.redirectsPlaceholder : ''}
          value={uris}
          onChange={set}
          maxTags={5}
          acceptValueOnBlur
          readOnly={!mayChange}
        />
      )}
    </Editable>
  );
}

interface Jwk {
  kid: string;
  alg: string;
}

function PublicKeys({ app }: { app: App }) {
  const mayChange = useMayChange();
  const keys = app.publicKeys as unknown as Jwk[];
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const save = useChangeApp(app);
  const put = (publicKeys: object[]) => save.mutateAsync({ publicKeys: publicKeys as App['publicKeys'] });
  const add = async () => {
    setFault(undefined);
    const key = parsed(text);
    if (!key) return setFault(t.keyUnreadable);
    await put([...keys, key]);
    setText('');
  };
  return (
    <Section title={t.keys} lead={t.keysLead}>
      <Stack>
        {keys.length === 0 ? (
          <EmptyState title={t.noKeys}>{t.noKeysText}</EmptyState>
        ) : (
          <DataTable
            label={t.keys}
            rows={keys}
            keyOf={({ kid }) => kid}
            columns={[
              { name: t.kid, cell: ({ kid }) => <Code className="wrap">{kid}</Code> },
              { name: t.alg, cell: ({ alg }) => alg },
              {
                name: common.actions,
                cell: ({ kid }) =>
                  mayChange && (
                    <ConfirmButton
                      size="xs"
                      title={t.removeKeyTitle(kid)}
                      body={t.removeKeyText}
                      verb={t.removeKey}
                      act={() => put(keys.filter((each) => each.kid !== kid))}
                    >
                      {t.removeKey}
                    </ConfirmButton>
                  ),
              },
            ]}
          />
        )}
        {mayChange && keys.length < 5 && (
          <>
            <Textarea
              label={t.addKey}
              description={t.addKeyHint}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autosize
              minRows={3}
              spellCheck={false}
              error={fault}
            />
            <Group>
              <Button
                onClick={() => void add().catch(() => undefined)}
                disabled={!text.trim()}
                loading={save.isPending}
              >
                {t.addKey}
              </Button>
            </Group>
          </>
        )}
        {save.error && <ErrorState error={save.error} />}
        {save.error && (
          <Alert color="orange" variant="light">
            {t.keyPrivateHint}
          </Alert>
        )}
      </Stack>
    </Section>
  );
}

/** A key as JSON, or undefined when it is none. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
