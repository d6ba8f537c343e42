import { schoolsOf, type UserDocument } from '@hallpass/domain';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

const SUB_LISTS = ['district', 'mycontacts', 'mystudents', 'myteachers', 'schools', 'sections'];

@ApiTags('users')
@RosterAccess()
@Controller('v3.0/users')
export class UsersController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists users: students, teachers, staff, contacts and district admins', 'count', 'role')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.list(call, 'user');
  }

  @Get(':id')
  @RecordRoute('Gives a user')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.one(call, 'user', id, SUB_LISTS);
  }

  @Get(':id/district')
  @RecordRoute('Gives the district of a user')
  district(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.districtOf(call, 'user', id);
  }

  @Get(':id/mycontacts')
  @ListRoute('Lists the contacts of a student')
  mycontacts(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'user', id, { kind: 'user', over: ['student.contacts'] });
  }

  @Get(':id/mystudents')
  @ListRoute('Lists the students of a teacher’s sections, and those of a contact')
  mystudents(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'user', id, {
      kind: 'user',
      role: 'student',
      ids: (parent) => this.reader.studentsOf(parent),
    });
  }

  @Get(':id/myteachers')
  @ListRoute('Lists the teachers of a student’s sections')
  myteachers(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'user', id, {
      kind: 'user',
      role: 'teacher',
      ids: (parent) => this.reader.teachersOf(parent),
    });
  }

  @Get(':id/schools')
  @ListRoute('Lists the schools of a user; with `primary=true` the home school', 'primary')
  schools(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'user', id, {
      kind: 'school',
      ids: ({ document, query }) => schoolsOf(document as UserDocument, query.isPrimary),
    });
  }

  @Get(':id/sections')
  @ListRoute('Lists the sections that a user attends or teaches')
  sections(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'user', id, {
      kind: 'section',
      over: ['student.sections', 'teacher.sections'],
    });
  }
}
