import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

@ApiTags('terms')
@RosterAccess()
@Controller('v3.0/terms')
export class TermsController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists terms', 'count')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.list(call, 'term');
  }

  @Get(':id')
  @RecordRoute('Gives a term')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.one(call, 'term', id, ['district', 'schools', 'sections']);
  }

  @Get(':id/district')
  @RecordRoute('Gives the district of a term')
  district(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.districtOf(call, 'term', id);
  }

  @Get(':id/schools')
  @ListRoute('Lists the schools that run a term')
  schools(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'term', id, { kind: 'school', over: ['term.schools'] });
  }

  @Get(':id/sections')
  @ListRoute('Lists the sections of a term')
  sections(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.subList(call, 'term', id, { kind: 'section', over: ['term.sections'] });
  }
}
