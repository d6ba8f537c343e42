import { Costs, RosterAccess, type RosterRequest } from '@hallpass/service-kit';
import { Controller, Delete, Get, Patch, Post, Req, applyDecorators, type Type } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { callOf } from '../answers/roster-call.js';
import { describe } from './describe-route.js';
import { Answers, type HttpMethod, type Route, type VersionTable } from './route.js';

const VERBS: Readonly<Record<HttpMethod, (path: string) => MethodDecorator>> = {
  get: Get,
  post: Post,
  patch: Patch,
  delete: Delete,
};

/** The controllers of a version, one for each tag, decorated as if they had been written by hand. */
export function controllersOf({ version, routes }: VersionTable): Type[] {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  return tags.map((tag) =>
    controllerOf(
      version,
      tag,
      routes.filter((route) => route.tag === tag),
    ),
  );
}

function controllerOf(prefix: string, tag: string, routes: readonly Route[]): Type {
  class VersionController {
    constructor(readonly answers: Answers) {}
  }
  Object.defineProperty(VersionController, 'name', { value: className(prefix, tag) });
  Reflect.defineMetadata('design:paramtypes', [Answers], VersionController);
  for (const route of routes) addRoute(VersionController, route);
  applyDecorators(RosterAccess('record'), Controller(prefix), ApiTags(tag))(VersionController);
  return VersionController;
}

function addRoute(controller: Type<{ answers: Answers }>, route: Route): void {
  const name = methodName(route);
  const prototype = controller.prototype as Record<string, unknown>;
  // The plain request, for a decorator of our own would be sent through the pipes that check bodies.
  const handler = function (this: { answers: Answers }, request: RosterRequest) {
    return route.answer(this.answers, callOf(request));
  };
  Object.defineProperty(handler, 'name', { value: name });
  Object.defineProperty(prototype, name, { value: handler, configurable: true, writable: true });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  Reflect.defineMetadata('design:paramtypes', [Object], prototype, name);
  Req()(prototype, name, 0);
  const costs = Costs(route.isList ? 'page' : 'record');
  applyDecorators(VERBS[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1')), costs, describe(route))(
    prototype,
    name,
    descriptor,
  );
}

/** `V21SchoolAdmins` of v2.1 and `school_admins`. */
function className(version: string, tag: string): string {
  const words = tag.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${version.toUpperCase().replace('.', '')}${words.join('')}Controller`;
}

/** `list`, `one`, `school`, `postSections`: what is unique within a tag. */
function methodName({ method, path, tag }: Route): string {
  const parts = path.split('/').filter((part) => part !== '' && !part.startsWith('{') && part !== tag);
  const verb = method === 'get' ? [] : [method];
  const end = path.endsWith('}') ? ['one'] : parts.length === 0 ? ['list'] : [];
  return [...verb, ...parts, ...end]
    .join('_')
    .replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
