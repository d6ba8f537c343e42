import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;
/** Phones' clocks are a little off. */
const STEPS_AROUND = 1;

/** What an authenticator app is set up with. */
export function newTotp(email: string): { secret: string; uri: string } {
  const totp = new TOTP({ issuer: 'Hallpass', label: email, secret: new Secret({ size: 20 }) });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step of which this is the code; undefined of a code of another time. */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
  const delta = totp.validate({ token: code, timestamp: now.getTime(), window: STEPS_AROUND });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta;
}
