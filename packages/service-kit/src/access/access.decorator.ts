import type { OperatorPermission, RouteClass } from '@hallpass/domain';
import {
  SetMetadata,
  UseGuards,
  applyDecorators,
  createParamDecorator,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth, ApiCookieAuth, ApiHeader, ApiResponse } from '@nestjs/swagger';
import { CATALOGUE } from '../problems/catalogue.js';
import type { ClientPrincipal } from './client-access.js';
import type { JudgedAccess, VerifiedAccess } from './credential-verifier.js';
import type { DistrictPrincipal } from './district-access.js';
import type { MemberPrincipal, PersonPrincipal } from '../people/sessions.js';
import {
  AppGuard,
  ClientGuard,
  DistrictGuard,
  MemberGuard,
  OPERATOR_PERMISSION,
  OperatorGuard,
  PersonGuard,
  READS,
  TokenEndpointGuard,
  TokenGuard,
} from './guards.js';
import type { OperatorPrincipal } from './operator-access.js';
import { ROUTE_CLASS, RosterAccessGuard, type RosterRequest } from './roster-access.guard.js';

/** Set on every route by one of the decorators below; a route without it keeps its service from starting. */
export const ACCESS = 'hallpass:access';

const refusals = applyDecorators(
  ApiResponse({
    status: 401,
    description: 'The credential is missing, malformed, unknown or opens nothing now.',
  }),
  ApiResponse({ status: 429, description: CATALOGUE['rate-limited'].title }),
);

/** The route reads rosters, at the cost of its class: by a district's token, or by a legacy API key while the sunset plan lets it. */
export function RosterAccess(route: RouteClass): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'roster'),
    Costs(route),
    UseGuards(RosterAccessGuard),
    ApiBearerAuth('token'),
    ApiBasicAuth('apiKey'),
    refusals,
  );
}

/** The class of a single route, where it is not that of its controller. */
export function Costs(route: RouteClass): MethodDecorator & ClassDecorator {
  return SetMetadata(ROUTE_CLASS, route);
}

/** The route is about the token or key that is sent. */
export function TokenAccess(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'token'),
    UseGuards(TokenGuard),
    ApiBearerAuth('token'),
    refusals,
  );
}

/** The route is for an app, by client id and secret or by a signed assertion, and for the members of its partner who have signed in. */
export function ClientAccess(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    clientAccess(AppGuard),
    bySession('Hallpass-App', 'The app for which a person acts'),
  );
}

/** The route is for an app's server alone, as OAuth's are: no session opens it. */
export function ServerAccess(): MethodDecorator & ClassDecorator {
  return clientAccess(ClientGuard);
}

/** The route is for a person who has signed in, whoever it is. */
export function PersonAccess(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'person'),
    UseGuards(PersonGuard),
    ApiCookieAuth('session'),
    ApiResponse({ status: 401, description: 'Nobody has signed in, or the session has ended.' }),
    ApiResponse({ status: 429, description: CATALOGUE['rate-limited'].title }),
  );
}

/** The route is for the members of a partner or a district who have signed in. */
export function MemberAccess(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'member'),
    UseGuards(MemberGuard),
    bySession('Hallpass-Partner', 'The partner for which a person acts'),
    bySession('Hallpass-District', 'The district for which a person acts'),
    ApiResponse({ status: 401, description: 'Nobody has signed in, or the session has ended.' }),
    ApiResponse({
      status: 404,
      description: 'There is nothing of this id, or the person is no member of it.',
    }),
    ApiResponse({ status: 429, description: CATALOGUE['rate-limited'].title }),
  );
}

/** The route changes nothing, though its method might: whoever may look may call it. */
export function Reads(): MethodDecorator {
  return SetMetadata(READS, true);
}

function bySession(name: string, description: string) {
  return applyDecorators(
    ApiCookieAuth('session'),
    ApiHeader({ name, required: false, description, schema: { type: 'string', pattern: '^[0-9a-f]{24}$' } }),
    ApiResponse({ status: 403, description: 'The role of the person does not permit this.' }),
  );
}

/** The same for the token endpoint and its like: under a limit of their own, and with as little around it as can be. */
export function TokenEndpointAccess(): MethodDecorator {
  return clientAccess(TokenEndpointGuard);
}

function clientAccess(guard: Type<CanActivate>): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACCESS, 'client'), UseGuards(guard), ApiBasicAuth('client'), refusals);
}

/** The route is for whoever acts for a district, by portal token or by session. */
export function DistrictAccess(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'district'),
    UseGuards(DistrictGuard),
    ApiBearerAuth('portal'),
    bySession('Hallpass-District', 'The district for which a person acts'),
    refusals,
  );
}

/** The route is for staff whose role has the permission. */
export function OperatorAccess(permission: OperatorPermission): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, 'operator'),
    SetMetadata(OPERATOR_PERMISSION, permission),
    UseGuards(OperatorGuard),
    ApiBearerAuth('operator'),
    ApiCookieAuth('session'),
    ApiResponse({ status: 403, description: `The operator’s role does not permit to ${permission}.` }),
    refusals,
  );
}

/** The route is open to all. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(ACCESS, 'public');
}

/** What the caller of a RosterAccess route may read. */
export const CurrentAccess = createParamDecorator((_: unknown, context: ExecutionContext): VerifiedAccess => {
  const { access } = context.switchToHttp().getRequest<RosterRequest>();
  if (!access) throw new Error('the route is not guarded by RosterAccess');
  return access;
});

type Principal =
  PersonPrincipal | MemberPrincipal | ClientPrincipal | DistrictPrincipal | OperatorPrincipal | JudgedAccess;

/** Whoever passport let in, by the route's decorator: an app, somebody of a district, staff, or a judged token or key. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ user: Principal }>().user,
);
