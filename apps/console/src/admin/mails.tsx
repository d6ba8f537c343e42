import { Accordion, Badge, Code, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get, type Path } from '../shared/api';
import { formatInstant } from '../shared/format';
import { EmptyState, Loaded, PageTitle, Section } from '../shared/states';
import { mails as t } from '../strings';

interface Mail {
  id: string;
  recipients: string[];
  subject: string;
  body: string;
  createdAt: string;
}

/** A demo's alone, and so in no OpenAPI file. */
const MAILS = '/v1/demo/mails' as Path;

/** What a demo would have mailed; elsewhere there is no such page. */
export function MailsPage() {
  const list = useQuery({
    queryKey: ['mails'],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => get<{ data: Mail[] }>(MAILS, { signal }),
  });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead}>
        <Badge>{t.demo}</Badge>
      </PageTitle>
      <Section title={t.title} isWholePage>
        <Loaded query={list}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState title={t.none}>{t.noneText}</EmptyState>
            ) : (
              <Accordion variant="separated" order={2}>
                {data.map(({ id, recipients, subject, body, createdAt }) => (
                  <Accordion.Item key={id} value={id}>
                    <Accordion.Control>
                      <Text fw={600}>{subject}</Text>
                      <Text size="sm" c="dimmed" className="wrap">
                        {t.to(recipients.join(', '), formatInstant(createdAt))}
                      </Text>
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Code block className="wrap mail" tabIndex={0}>
                        {body}
                      </Code>
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            )
          }
        </Loaded>
      </Section>
    </>
  );
}
