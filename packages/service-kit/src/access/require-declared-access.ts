import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS } from './access.decorator.js';

/** Keeps a service from starting while any of its routes declares neither who may call it nor that all may. */
@Injectable()
export class RequireDeclaredAccess implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => isOpenRoute(prototype[name] as object, metatype as object))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (undeclared.length > 0) throw new Error(`routes that declare no access: ${undeclared.join(', ')}`);
  }
}

function isOpenRoute(handler: object, controller: object): boolean {
  const verb = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
  if (verb === undefined) return false;
  return (
    Reflect.getMetadata(ACCESS, handler) === undefined &&
    Reflect.getMetadata(ACCESS, controller) === undefined
  );
}
