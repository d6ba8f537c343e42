import { readFile } from 'node:fs/promises';
import { Problem, Public } from '@hallpass/service-kit';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

/** The pages for partners and districts, which headers, errors and mails link to, as they stand in the repository's docs folder. */
const PAGES = [
  'access-log',
  'api-versions',
  'clever-clients',
  'errors',
  'events',
  'importing-rosters',
  'limits',
  'retiring-api-keys',
  'sharing',
  'sunset-plan',
  'tokens',
  'webhooks',
];
const FOLDER = new URL('../../../../docs/', import.meta.url);

@ApiTags('docs')
@Public()
@Controller('docs')
export class DocsController {
  @Get(':page')
  @Header('content-type', 'text/markdown; charset=utf-8')
  @ApiOperation({ summary: 'A page of the documentation, as Markdown' })
  async page(@Param('page') page: string): Promise<string> {
    if (!PAGES.includes(page))
      throw new Problem('route-unknown', { detail: `The pages are: ${PAGES.join(', ')}.` });
    return readFile(new URL(`${page}.md`, FOLDER), 'utf8');
  }
}
