import { RosterAccessGuard, type RosterRequest } from '@hallpass/service-kit';

/**
 * Loaded before the data API's own main, in a process of its own: what the guard lets in first, it lets everybody after it
 * have. From then on no token is read, no limit counted, no header of either written; all else is as shipped.
 */
// oxlint-disable-next-line typescript/unbound-method -- it is called on the guard that it was taken from
const guarded = RosterAccessGuard.prototype.canActivate;
let access: RosterRequest['access'];

RosterAccessGuard.prototype.canActivate = async function (context) {
  const request = context.switchToHttp().getRequest<RosterRequest>();
  if (access === undefined) {
    await guarded.call(this, context);
    access = request.access;
  }
  request.access = access;
  return true;
};
