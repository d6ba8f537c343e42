import { Problem, Public } from '@hallpass/service-kit';
import { All, Controller, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { notSupported } from './unsupported.js';
import { VERSIONS } from './view.js';

/** Whatever begins with a version and is no route: it is told whether the version, the method or the path is at fault. */
@ApiExcludeController()
@Public()
@Controller()
export class ElsewhereController {
  @All(['v:version', 'v:version/*'])
  answer(@Req() request: FastifyRequest): never {
    const version = /^\/+(v[^/?]*)/.exec(request.url)?.[1] ?? '';
    if (!VERSIONS.some((each) => each === version)) throw versionUnsupported(version);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw notSupported('writing');
    const isProperties = version.startsWith('v1') && /\/properties\/?(\?|$)/.test(request.url);
    if (isProperties) throw notSupported('properties');
    throw new Problem('route-unknown', {
      detail: 'Check the path and the method against the API reference.',
    });
  }
}

function versionUnsupported(version: string): Problem {
  // Some words of other services begin with a v as well.
  if (!/^v\d/.test(version)) throw new Problem('route-unknown');
  return new Problem('version-unsupported', { detail: `The versions are ${VERSIONS.join(', ')}.` });
}
