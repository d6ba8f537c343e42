import type { Problem } from './wire.js';

/** The admin service refused, or could not be reached. `next` says what the operator can do about it. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  constructor(
    readonly problem: Problem,
    readonly next?: string,
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? problem.title, options);
  }
}

/** What to do about an answer, for those where the answer itself cannot know it. */
export function nextStepFor(status: number): string | undefined {
  switch (status) {
    case 401:
      return 'Use the operator token of this Hallpass: set HALLPASS_OPERATOR_TOKEN, or run inside the folder where npm start keeps .hallpass/demo.json.';
    case 403:
      return 'Ask an operator whose role allows this, or use their token.';
    case 404:
      return 'Check the id: hallpass partner list, app list, district list, grant list and import list show what exists.';
    case 429:
      return 'Wait a little, then try again.';
    case 503:
      return 'The service is busy or starting. Try again in a moment.';
    default:
      return status >= 500 ? 'Look into the log of the admin service for this request id.' : undefined;
  }
}
