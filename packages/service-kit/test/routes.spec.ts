import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestDirectory } from '@hallpass/database/testing';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { logRequests } from '../src/log-requests.js';
import { Public, ServiceConfig, ServiceKitModule, createService, readConfig } from '../src/index.js';

@Controller('open')
class UndeclaredController {
  @Get('forgotten')
  give(): string {
    return 'given';
  }

  /** No route: it need not say who may call it. */
  aid(): string {
    return '';
  }
}

@Public()
@Controller('things')
class DeclaredController {
  @Get(':id')
  give(@Param('id') id: string): string {
    return id;
  }
}

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
}, 60_000);
afterAll(() => directory.close());

function moduleWith(controller: new () => object) {
  const config = readConfig(ServiceConfig, directory.environment);
  @Module({ imports: [ServiceKitModule.for('data-api', config)], controllers: [controller] })
  class TestModule {}
  return { module: TestModule, config, isQuiet: true };
}

describe('a route', () => {
  it('that declares no access keeps its service from starting, and is named', async () => {
    const service = await createService(moduleWith(UndeclaredController));
    await expect(service.init()).rejects.toThrow('UndeclaredController.give');
    await service.close();
  });

  it('is logged by its pattern: one line of JSON, without ids, queries, credentials or bodies', async () => {
    const lines: string[] = [];
    const service = await createService({
      ...moduleWith(DeclaredController),
      configure: (app) => {
        logRequests(app.getHttpAdapter().getInstance(), (line) => lines.push(line));
      },
    });
    await service.init();
    await service.getHttpAdapter().getInstance().ready();
    const { headers } = await service.inject({
      url: '/things/4fd43cc56d11340000000005?name=Ada&token=hptok_secret',
      headers: { authorization: 'Bearer hptok_secret' },
    });
    await service.inject({ url: '/nowhere/Ada' });
    await service.close();
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.any(Number),
      requestId: headers['x-request-id'],
      method: 'GET',
      route: '/things/:id',
      status: 200,
      ms: expect.any(Number),
    });
    expect(lines.join('')).not.toMatch(/Ada|secret|4fd43/);
  });
});
