import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEye } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { post } from '../shared/api';
import { FormEnd } from '../shared/fields';
import { ErrorState } from '../shared/states';
import { viewing as t } from '../strings';

interface Props {
  place: 'app' | 'district';
  id: string;
  name: string;
}

/** Opens the pages of an app or a district to look at them, with a reason that its people read. */
export function SeePages({ place, id, name }: Props) {
  const [isOpen, { open, close }] = useDisclosure();
  const [reason, setReason] = useState('');
  const prepare = useMutation({
    mutationFn: () => post<{ url: string }>('/v1/viewings', { body: { place, id, reason: reason.trim() } }),
  });
  const begin = () => {
    prepare.reset();
    setReason('');
    open();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prepare.mutate();
  };
  return (
    <>
      <Button variant="default" leftSection={<IconEye size={16} aria-hidden />} onClick={begin}>
        {t.open}
      </Button>
      <Modal opened={isOpen} onClose={close} title={prepare.data ? t.ready : t.openTitle(name)}>
        {prepare.data ? (
          <Stack>
            <Text size="sm">{t.readyText}</Text>
            <Group justify="flex-end">
              {/* A new window that knows nothing of this one. */}
              <Button
                component="a"
                href={prepare.data.url}
                target="_blank"
                rel="noopener noreferrer"
                onClick={close}
                data-autofocus
              >
                {t.go}
              </Button>
            </Group>
          </Stack>
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <Text size="sm">{t.openLead}</Text>
              <Textarea
                label={t.reason}
                description={t.reasonHint}
                autosize
                minRows={2}
                required
                minLength={10}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                data-autofocus
              />
              {prepare.error && <ErrorState error={prepare.error} />}
              <FormEnd verb={t.prepare} isBusy={prepare.isPending} onCancel={close} />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
