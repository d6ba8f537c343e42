import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

@ApiTags('schools')
@RosterAccess()
@Controller('v3.0/schools')
export class SchoolsController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists schools', 'count')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.list(call, 'school');
  }

  @Get(':id')
  @RecordRoute('Gives a school')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.one(call, 'school', id, ['district', 'courses', 'sections', 'terms', 'users']);
  }

  @Get(':id/district')
  @RecordRoute('Gives the district of a school')
  district(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.districtOf(call, 'school', id);
  }

  @Get(':id/courses')
  @ListRoute('Lists the courses taught at a school')
  courses(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'school', id, { kind: 'course', over: ['school.courses'] });
  }

  @Get(':id/sections')
  @ListRoute('Lists the sections of a school')
  sections(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'school', id, { kind: 'section', over: ['school.sections'] });
  }

  @Get(':id/terms')
  @ListRoute('Lists the terms of a school')
  terms(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'school', id, { kind: 'term', over: ['school.terms'] });
  }

  @Get(':id/users')
  @ListRoute(
    'Lists the users of a school; with `primary=true` those whose home school it is',
    'role',
    'primary',
  )
  users(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'school', id, {
      kind: 'user',
      over: ({ isPrimary }) => [isPrimary ? 'school.primary-users' : 'school.users'],
    });
  }
}
