import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Call, ListRoute, RecordRoute, RosterAccess } from '../reading/roster-call.decorator.js';
import { RosterReader, type RosterCall } from '../reading/roster-reader.js';

@ApiTags('districts')
@RosterAccess()
@Controller('v3.0/districts')
export class DistrictsController {
  constructor(private readonly reader: RosterReader) {}

  @Get()
  @ListRoute('Lists the districts of the credential: one for a token', 'count')
  list(@Call() call: RosterCall): Promise<string> {
    return this.reader.districts(call);
  }

  @Get(':id')
  @RecordRoute('Gives the district')
  one(@Call() call: RosterCall, @Param('id') id: string): Promise<string> {
    return this.reader.district(call, id);
  }
}
