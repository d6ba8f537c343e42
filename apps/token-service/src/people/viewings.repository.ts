import { viewingsOf, type ShownViewing } from '@hallpass/database';
import type { MemberPrincipal } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** So many are listed: who wants to know more asks the platform's operator, whose audit log has all. */
const LISTED_MAX = 100;

/** What partners and districts are told of staff who looked at their pages. */
@Injectable()
export class ViewingsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Whoever looks themselves is told of what they look at, and of nothing beside it. */
  of({ scope, viewing }: MemberPrincipal): Promise<ShownViewing[]> {
    return viewingsOf(this.dataSource, viewing ?? scope, LISTED_MAX);
  }
}
