import { describe, expect, it } from '@jest/globals';
import {
  OPERATOR_PERMISSIONS,
  operatorMay,
  requireAdministratorLeft,
  type OperatorRole,
} from './operator.js';

describe('operatorMay', () => {
  it.each([
    ['auditor', ['read']],
    ['operator', ['read', 'operate']],
    ['administrator', ['read', 'operate', 'administer']],
  ] as const)('%s: %j and no more', (role, permissions) => {
    expect(OPERATOR_PERMISSIONS.filter((permission) => operatorMay(role, permission))).toEqual(permissions);
  });
});

describe('requireAdministratorLeft', () => {
  const one = (id: string, role: OperatorRole = 'administrator', canSignIn = true) => ({
    id,
    role,
    canSignIn,
  });
  it.each([
    ['the last goes', [one('a'), one('b', 'operator')], 'a', true],
    ['another has no way in', [one('a'), one('b', 'administrator', false)], 'a', true],
    ['one who has no way in goes', [one('a'), one('b', 'administrator', false)], 'b', false],
    ['there is another', [one('a'), one('b')], 'a', false],
    ['somebody else goes', [one('a'), one('b', 'auditor')], 'b', false],
    ['there is none as it is', [one('b', 'operator')], 'b', false],
  ] as const)('%s', (_, operators, id, isRefused) => {
    const end = () => requireAdministratorLeft(operators, id);
    if (isRefused) expect(end).toThrow('The last administrator stays');
    else expect(end).not.toThrow();
  });
});
