import { Button, Group, PasswordInput, TextInput } from '@mantine/core';
import { common, signIn } from '../strings';

interface FieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** The e-mail address by which a person signs in. */
export function EmailField({ value, onChange }: FieldProps) {
  return (
    <TextInput
      label={signIn.email}
      type="email"
      autoComplete="username"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required
    />
  );
}

/** A password that is being chosen, with what is asked of it. */
export function NewPasswordField({ value, onChange }: FieldProps) {
  return (
    <PasswordInput
      label={signIn.newPassword}
      description={signIn.passwordHint}
      autoComplete="new-password"
      minLength={12}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required
    />
  );
}

/** The end of a form in a dialog: out of it, or on with it. */
export function FormEnd({ verb, isBusy, onCancel }: { verb: string; isBusy: boolean; onCancel: () => void }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {common.cancel}
      </Button>
      <Button type="submit" loading={isBusy}>
        {verb}
      </Button>
    </Group>
  );
}
