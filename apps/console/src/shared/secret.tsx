import { ActionIcon, Alert, Code, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { common } from '../strings';

/** A secret that is on the screen now, to be copied and not to be kept here. */
export function Secret({ value, title, hint }: { value: string; title: string; hint?: string }) {
  return (
    <Alert variant="light" color="teal" icon={<IconKey />} title={title} role="status">
      <Group gap="xs" wrap="nowrap">
        <Code className="wrap" fz="sm">
          {value}
        </Code>
        <Copy value={value} label={`${common.copy}: ${title}`} />
      </Group>
      {hint && (
        <Text size="sm" mt={6}>
          {hint}
        </Text>
      )}
    </Alert>
  );
}

export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? common.copied : common.copy}>
          <ActionIcon variant="default" onClick={copy} aria-label={copied ? common.copied : label}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
