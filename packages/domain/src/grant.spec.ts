import { describe, expect, it } from '@jest/globals';
import { afterAction, GRANT_ACTIONS, GRANT_STATUSES, openActions, type GrantStatus } from './grant.js';

const no = undefined;
const table: Record<GrantStatus, (GrantStatus | undefined)[]> = {
  // approve, narrow, pause, resume, revoke
  requested: ['active', no, no, no, 'revoked'],
  active: [no, 'active', 'paused', no, 'revoked'],
  paused: [no, 'paused', no, 'active', 'revoked'],
  revoked: [no, no, no, no, no],
};

describe('the life of a grant', () => {
  it.each(GRANT_STATUSES)('each action on a %s grant leads where the table says', (status) => {
    expect(GRANT_ACTIONS.map((action) => afterAction(status, action))).toEqual(table[status]);
  });

  it.each(GRANT_STATUSES)('names exactly the actions that are open to a %s grant', (status) => {
    const open = GRANT_ACTIONS.filter((action) => afterAction(status, action) !== undefined);
    expect(openActions(status)).toEqual(open);
  });

  it('revoked ends it', () => {
    expect(openActions('revoked')).toEqual([]);
  });
});
