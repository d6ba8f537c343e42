import { describe, expect, it } from '@jest/globals';
import { OPERATOR_PERMISSIONS, operatorMay } from './operator.js';

describe('operatorMay', () => {
  it.each([
    ['auditor', ['read']],
    ['operator', ['read', 'operate']],
    ['administrator', ['read', 'operate', 'administer']],
  ] as const)('%s: %j and no more', (role, permissions) => {
    expect(OPERATOR_PERMISSIONS.filter((permission) => operatorMay(role, permission))).toEqual(permissions);
  });
});
