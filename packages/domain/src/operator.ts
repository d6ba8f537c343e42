import { DomainError } from './domain-error.js';

/** Staff of the platform. An auditor reads, an operator runs the platform, an administrator also appoints staff. */
export const OPERATOR_ROLES = ['auditor', 'operator', 'administrator'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** An operator, as far as it matters for who may let others in. */
export interface Appointer {
  id: string;
  role: OperatorRole;
  /** By a token in force, or as a person who has been here. */
  canSignIn: boolean;
}

/** Refuses to end the access of the last administrator, a person or a script: nobody could appoint another. */
export function requireAdministratorLeft(operators: readonly Appointer[], id: string): void {
  const administrators = operators.filter(({ role, canSignIn }) => role === 'administrator' && canSignIn);
  if (administrators.length !== 1 || administrators[0]?.id !== id) return;
  throw new DomainError('last-owner', 'The last administrator stays until there is another.');
}

/** What a staff route demands. */
export const OPERATOR_PERMISSIONS = ['read', 'operate', 'administer'] as const;
export type OperatorPermission = (typeof OPERATOR_PERMISSIONS)[number];

const GIVEN: Readonly<Record<OperatorRole, readonly OperatorPermission[]>> = {
  auditor: ['read'],
  operator: ['read', 'operate'],
  administrator: ['read', 'operate', 'administer'],
};

export function operatorMay(role: OperatorRole, permission: OperatorPermission): boolean {
  return GIVEN[role].includes(permission);
}
