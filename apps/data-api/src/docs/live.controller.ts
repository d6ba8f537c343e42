import { readFile } from 'node:fs/promises';
import type { SunsetPlan } from '@hallpass/domain';
import { AuthorityWatch, Problem, Public, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { DataApiConfig } from '../config.js';

/** What the pages of the documentation say of this very instance. */
@ApiTags('docs')
@Public()
@Controller('docs/live')
export class LiveController {
  constructor(
    private readonly watch: AuthorityWatch,
    @Inject(SERVICE_CONFIG) private readonly config: DataApiConfig,
  ) {}

  @Get('sunset-plan.json')
  @Header('cache-control', 'public, max-age=60')
  @ApiOperation({
    summary: 'The published plan by which API keys end; extensions of single apps are not in it',
  })
  @ApiResponse({ status: 200, description: 'announcedAt, steps, brownouts and refusedAt' })
  plan(): SunsetPlan {
    return this.watch.rules.plan;
  }

  @Get('token-service.json')
  @Header('cache-control', 'public, max-age=60')
  @ApiOperation({
    summary:
      'Where the pages of the documentation may try the token service, and on which origin they have to stand',
  })
  @ApiResponse({ status: 200, description: 'The two addresses' })
  @ApiResponse({ status: 404, description: 'This instance lets no page try it.' })
  tokenService(): { tokenService: string; pages: string } {
    const { DOCS_TRY_TOKEN_SERVICE: isOn, TOKEN_SERVICE_URL: tokenService, DOCS_URL: docs } = this.config;
    if (!isOn) throw new Problem('not-found', { detail: 'This instance lets no page try it.' });
    return { tokenService, pages: new URL(docs).origin };
  }

  @Get('sandbox.json')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'The token of a sandbox district that the samples may use, where the operator offers one',
  })
  @ApiResponse({ status: 200, description: 'The token, and where the data API is' })
  @ApiResponse({ status: 404, description: 'This instance offers none.' })
  async sandbox(): Promise<{ token: string; dataApi: string }> {
    const { DOCS_SANDBOX_TOKEN_FILE: file, DATA_API_URL: dataApi } = this.config;
    const token = file === '' ? '' : (await readIfThere(file)).trim();
    if (token === '') throw new Problem('not-found', { detail: 'This instance offers no sandbox district.' });
    return { token, dataApi };
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
