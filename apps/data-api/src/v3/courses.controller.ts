import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

@ApiTags('courses')
@RosterAccess()
@Controller('v3.0/courses')
export class CoursesController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists courses', 'count')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.list(call, 'course');
  }

  @Get(':id')
  @RecordRoute('Gives a course')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.one(call, 'course', id, ['district', 'schools', 'sections']);
  }

  @Get(':id/district')
  @RecordRoute('Gives the district of a course')
  district(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.districtOf(call, 'course', id);
  }

  @Get(':id/schools')
  @ListRoute('Lists the schools that teach a course')
  schools(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'course', id, { kind: 'school', over: ['course.schools'] });
  }

  @Get(':id/sections')
  @ListRoute('Lists the sections of a course')
  sections(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'course', id, { kind: 'section', over: ['course.sections'] });
  }
}
