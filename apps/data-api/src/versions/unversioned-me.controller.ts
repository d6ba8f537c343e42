import { RosterAccess } from '@hallpass/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call } from '../answers/call.decorator.js';
import type { RosterCall } from '../answers/roster-call.js';
import { describe } from './describe-route.js';
import { Answers, type Route } from './route.js';
import { V3_1 } from './tables/v3.js';

const ME = V3_1.routes.find(({ path }) => path === '/me') as Route;

/** `/me` without a version, as clients of every age ask it; it leads to the newest one. */
@ApiTags('me')
@RosterAccess('record')
@Controller('me')
export class UnversionedMeController {
  constructor(private readonly answers: Answers) {}

  @Get()
  @describe(ME)
  me(@Call() call: RosterCall): string | Promise<string> {
    return ME.answer(this.answers, call);
  }
}
