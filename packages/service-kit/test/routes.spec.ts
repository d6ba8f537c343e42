import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
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

  it.each([
    ['cannot be decoded', '/things/%zz?token=hush', 400, 'request-invalid'],
    ['is too long', `/things/${'a'.repeat(300)}?token=hush`, 404, 'route-unknown'],
  ])(
    'whose address %s is answered by a problem, and the address is neither repeated nor logged',
    async (_, url, status, code) => {
      const written: string[] = [];
      const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      });
      try {
        const service = await createService({ ...moduleWith(DeclaredController), isQuiet: false });
        service.useLogger(false);
        await service.init();
        await service.getHttpAdapter().getInstance().ready();
        written.length = 0;
        const { statusCode, headers, body } = await service.inject({ url });
        const id = headers['x-request-id'];
        expect(statusCode).toBe(status);
        expect(headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(JSON.parse(body)).toMatchObject({ code, status, requestId: id });
        expect(body).not.toMatch(/hush|%zz|a{9}/);
        await new Promise((resolve) => setTimeout(resolve, 400));
        await service.close();
        const lines = written.join('').trimEnd().split('\n');
        const requests = lines.filter((line) => line.includes(String(id)));
        expect(requests).toHaveLength(1);
        expect(JSON.parse(requests[0] ?? '')).toMatchObject({ requestId: id, route: 'unknown', status });
        expect(written.join('')).not.toMatch(/hush|%zz|a{9}/);
      } finally {
        write.mockRestore();
      }
    },
  );

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
