import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { common, reauth, signIn } from '../strings';
import { ApiProblem, post } from './api';
import { useEnterSession, useSignedIn, type Session } from './session';
import { ErrorState } from './states';

interface ConfirmProps extends ButtonProps {
  children: ReactNode;
  /** The question. */
  title: string;
  /** What will happen, in numbers. */
  body: ReactNode;
  /** The verb of the button that does it. */
  verb: string;
  isDestructive?: boolean;
  act: () => Promise<unknown>;
  done?: string;
  /** An accessible name, where the label alone does not say of what. */
  label?: string;
}

/** A button that says what it is about to do, and asks. */
export function ConfirmButton({
  children,
  title,
  body,
  verb,
  isDestructive = true,
  act,
  done,
  label,
  ...button
}: ConfirmProps) {
  const [isOpen, { open, close }] = useDisclosure();
  const run = useMutation({
    mutationFn: act,
    onSuccess: () => {
      close();
      if (done) notify(done);
    },
  });
  const begin = () => {
    run.reset();
    open();
  };
  return (
    <>
      <Button variant="default" onClick={begin} aria-label={label} {...button}>
        {children}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title}>
        <Stack>
          <Text component="div" size="sm">
            {body}
          </Text>
          {run.error && <ErrorState error={run.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {common.cancel}
            </Button>
            <Button
              color={isDestructive ? 'red.8' : 'teal'}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

export function notify(message: string): void {
  notifications.show({ message, color: 'teal', withBorder: true });
}

/** Runs what needs a fresh sign-in; where the service asks for it, the password is asked for, and it runs again. */
export function useReauthentication(): {
  dialog: ReactNode;
  run: <T>(act: () => Promise<T>) => Promise<T | undefined>;
} {
  const [waiting, setWaiting] = useState<{ resume: (isBack: boolean) => void }>();
  const run = async <T,>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'reauthentication-needed') throw error;
      const isBack = await new Promise<boolean>((resume) => setWaiting({ resume }));
      setWaiting(undefined);
      return isBack ? act() : undefined;
    }
  };
  return { run, dialog: waiting && <ReauthenticationDialog onEnd={waiting.resume} /> };
}

function ReauthenticationDialog({ onEnd }: { onEnd: (isBack: boolean) => void }) {
  const { person } = useSignedIn();
  const enterSession = useEnterSession();
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const check = useMutation({
    mutationFn: () =>
      post<Session>('/v1/session/reauthenticate', { body: { password, ...(totp ? { totp } : {}) } }),
    onSuccess: (session) => {
      enterSession(session);
      onEnd(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.mutate();
  };
  return (
    <Modal opened onClose={() => onEnd(false)} title={reauth.title}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{reauth.lead}</Text>
          <PasswordInput
            label={signIn.password}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            data-autofocus
          />
          {person.hasTotp && (
            <TextInput
              label={signIn.totp}
              autoComplete="one-time-code"
              value={totp}
              onChange={(event) => setTotp(event.currentTarget.value)}
              required
            />
          )}
          {check.error && <ErrorState error={check.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onEnd(false)}>
              {common.cancel}
            </Button>
            <Button type="submit" loading={check.isPending}>
              {reauth.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
