import type { KeyNotice } from '@hallpass/domain';

/** A notice as a mail, in plain text: what happened, what to do, where to read on. */
export function mailOf(
  notice: KeyNotice,
  appName: string,
  docsUrl: string,
): { subject: string; body: string } {
  const { subject, lines } = wordsOf(notice, appName.replace(/[\r\n]+/g, ' '));
  return {
    subject,
    body: [...lines, '', `What to do, step by step: ${docsUrl}/retiring-api-keys`, ''].join('\n'),
  };
}

function wordsOf({ type, data }: KeyNotice, app: string): { subject: string; lines: string[] } {
  switch (type) {
    case 'key.announced':
      return {
        subject: `${app}: API keys are going to end`,
        lines: [
          `The API key of ${app} is going to be replaced by a token for each district.`,
          'The key works as before for now; every answer to it says so in its headers, with the day it ends once that is set.',
        ],
      };
    case 'key.slowed':
      return {
        subject: `${app}: API key slowed to ${data['requestsPerMinute']} requests a minute`,
        lines: [
          `The API key of ${app} is now limited to ${data['requestsPerMinute']} requests a minute.`,
          'Tokens keep their ordinary limit.',
        ],
      };
    case 'key.brownout':
      return {
        subject: `${app}: API key refused until ${data['until']}, as a rehearsal`,
        lines: [
          `Until ${data['until']} the API key of ${app} is answered 401: a rehearsal of its end. It works again afterwards.`,
          'Whatever of yours stopped just now still uses the key.',
        ],
      };
    case 'key.refused':
      return {
        subject: `${app}: API keys have ended`,
        lines: [`The API key of ${app} is answered 401 from now on, for good. Tokens go on working.`],
      };
    case 'key.ending':
      return {
        subject: `${app}: API key ends in ${data['days']} ${data['days'] === 1 ? 'day' : 'days'}`,
        lines: [
          `The API key of ${app} ends on ${data['endsAt']}, and it is still in use.`,
          `Of ${data['districts']} districts, ${data['districtsOnTokens']} are read with their tokens.`,
        ],
      };
    case 'key.digest':
      return {
        subject: `${app}: your week on the way to tokens`,
        lines: [
          `Calls in the last 7 days: ${data['keyCalls']} with the API key, ${data['tokenCalls']} with tokens.`,
          `Of ${data['districts']} districts, ${data['districtsOnTokens']} are read with their tokens.`,
          data['daysLeft'] === null ? 'No day is set on which keys end.' : `Days left: ${data['daysLeft']}.`,
        ],
      };
  }
}
