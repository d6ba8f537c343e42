import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Public } from '../access/access.decorator.js';
import { AuthorityWatch } from '../access/authority-watch.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({
    summary:
      'Whether the process can serve: the database answers, and changes of authority are seen. `limits` are counted alone, shared, or away from their store: it serves in each case',
  })
  async ready(): Promise<{ status: 'ready'; limits: 'alone' | 'shared' | 'away' }> {
    await this.dataSource.query('select 1').catch((cause: unknown) => {
      throw new Problem('authority-unavailable', { detail: 'The database does not answer.', cause });
    });
    if (!this.watch.isCurrent)
      throw new Problem('authority-unavailable', { detail: 'Changes of authority cannot be seen.' });
    return { status: 'ready', limits: this.limiter.stats().store?.mode ?? 'alone' };
  }
}
