/** Staff of the platform. An auditor reads, an operator runs the platform, an administrator also appoints staff. */
export const OPERATOR_ROLES = ['auditor', 'operator', 'administrator'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

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
