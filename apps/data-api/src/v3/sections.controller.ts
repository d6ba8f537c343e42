import { membersOf, type SectionDocument } from '@hallpass/domain';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

@ApiTags('sections')
@RosterAccess()
@Controller('v3.0/sections')
export class SectionsController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists sections', 'count')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.list(call, 'section');
  }

  @Get(':id')
  @RecordRoute('Gives a section')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.one(call, 'section', id, ['district', 'course', 'school', 'term', 'users']);
  }

  @Get(':id/district')
  @RecordRoute('Gives the district of a section')
  district(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.districtOf(call, 'section', id);
  }

  @Get(':id/course')
  @RecordRoute('Gives the course of a section')
  course(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.referred(call, 'section', id, 'course', ({ course }) => course);
  }

  @Get(':id/school')
  @RecordRoute('Gives the school of a section')
  school(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.referred(call, 'section', id, 'school', ({ school }) => school);
  }

  @Get(':id/term')
  @RecordRoute('Gives the term of a section')
  term(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.referred(call, 'section', id, 'term', ({ term_id: term }) => term);
  }

  @Get(':id/users')
  @ListRoute('Lists the students and teachers of a section', 'role')
  users(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'section', id, {
      kind: 'user',
      ids: ({ document }) => membersOf(document as SectionDocument),
    });
  }
}
