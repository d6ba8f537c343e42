import {
  changeMember,
  invitePerson,
  membersOf,
  writeMail,
  type Actor,
  type Audience,
  type InstallationKeys,
} from '@hallpass/database';
import { MEMBER_ROLES, type MemberRole, type PeopleScope, type PersonId } from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthorityWatch } from '../access/authority-watch.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import type { InvitePersonRequest, InvitedResponse, MemberResponse, MembersResponse } from './people.dto.js';
import { PersonMails } from './person-mails.js';

/** The people of a partner, of a district, or of the staff. */
@Injectable()
export class People {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mails: PersonMails,
    private readonly watch: AuthorityWatch,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async list(scope: PeopleScope): Promise<MembersResponse> {
    return { data: await membersOf(this.dataSource, scope) };
  }

  async invite(
    scope: PeopleScope,
    { email, role, name }: InvitePersonRequest,
    actor: Actor,
  ): Promise<InvitedResponse> {
    const command = { scope, email, role: roleIn(scope, role), name };
    const { member, code, invitedTo } = await invitePerson(this.dataSource, this.keys, command, actor);
    const audience: Audience = scope.type === 'staff' ? 'staff' : 'portal';
    if (this.mails.isWritten) {
      const mail = this.mails.invitation(audience, invitedTo, code);
      await writeMail(this.dataSource, { recipients: [member.email], ...mail });
    }
    await this.watch.look();
    const isHandedOn = code !== undefined && !this.mails.isSent;
    return { ...member, ...(isHandedOn ? { link: this.mails.linkOf(audience, code) } : {}) };
  }

  async change(scope: PeopleScope, id: PersonId, role: string, actor: Actor): Promise<MemberResponse> {
    const changed = await changeMember(this.dataSource, { scope, id, role: roleIn(scope, role) }, actor);
    await this.watch.look();
    return changed;
  }

  async remove(scope: PeopleScope, id: PersonId, actor: Actor): Promise<void> {
    await changeMember(this.dataSource, { scope, id, role: undefined }, actor);
    await this.watch.look();
  }
}

function roleIn({ type }: PeopleScope, text: string): MemberRole {
  const role = MEMBER_ROLES[type].find((each) => each === text);
  if (role) return role;
  const message = `role is one of ${MEMBER_ROLES[type].join(', ')}`;
  throw new Problem('request-invalid', {
    detail: 'Some fields are not as they should be; `faults` lists them.',
    faults: [{ field: 'role', message }],
  });
}
