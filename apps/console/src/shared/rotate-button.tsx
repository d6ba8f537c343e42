import { Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { partner } from '../strings';
import { ConfirmButton } from './dialogs';

interface Props {
  /** What the place calls it; `text` says what it does. */
  words: { verb: string; title: string; text: string; grace: string };
  size?: 'xs';
  /** The old secret works on for so many seconds. */
  rotate: (graceSeconds: number) => Promise<void>;
}

/** Makes a new secret in the place of one, and asks for how long the old one works beside it. */
export function RotateButton({ words: { verb, title, text, grace: graceLabel }, size, rotate }: Props) {
  const [grace, setGrace] = useState('86400');
  return (
    <ConfirmButton
      {...(size ? { size } : {})}
      title={title}
      body={
        <Stack>
          <Text size="sm">{text}</Text>
          <Select
            label={graceLabel}
            data={partner.graceChoices}
            value={grace}
            onChange={(value) => value && setGrace(value)}
            allowDeselect={false}
          />
        </Stack>
      }
      verb={verb}
      isDestructive={grace === '0'}
      act={() => rotate(Number(grace))}
    >
      {verb}
    </ConfirmButton>
  );
}
