import { Alert, Code, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { partner as t } from '../../strings';
import type { Api } from '../scope';

/** What a live call with a token was answered, as the data API gave it. */
export function Trial({ trial }: { trial: Api['TokenTrialResponse'] }) {
  const isGood = trial.status < 400;
  return (
    <Alert
      variant="light"
      color={isGood ? 'teal' : 'red'}
      icon={isGood ? <IconCircleCheck /> : <IconAlertTriangle />}
      title={t.checkTitle(trial.status)}
      mt="sm"
      role="status"
    >
      <Text size="sm" mb="xs" className="wrap">
        {t.checkLead(trial.request, trial.milliseconds)}
      </Text>
      <Code
        block
        className="wrap"
        tabIndex={0}
        aria-label={t.checkBody}
        mah={420}
        style={{ overflow: 'auto' }}
      >
        {pretty(trial.body)}
      </Code>
    </Alert>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
