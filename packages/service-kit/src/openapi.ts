import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The contract of a service, from the decorators that also make its routes. */
export function openApiOf(app: INestApplication, title: string, description: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('0.1.0')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A district’s token' }, 'token')
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'A legacy API key as the user name' },
      'apiKey',
    )
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'Client id and client secret' }, 'client')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A district’s portal token' }, 'portal')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An operator token' }, 'operator')
    .addCookieAuth(
      'hallpass',
      { type: 'apiKey', in: 'cookie', description: 'The session of a person, with Hallpass-CSRF' },
      'session',
    )
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
}

/** The same without a database: nothing of the service is instantiated. */
export async function openApiDocument(
  module: Type | DynamicModule,
  title: string,
  description: string,
): Promise<OpenAPIObject> {
  const app = await NestFactory.create(module, new FastifyAdapter(), { preview: true, logger: false });
  return openApiOf(app, title, description);
}

/** The same as the text of a service's openapi.json. */
export async function openApiText(
  module: Type | DynamicModule,
  title: string,
  description: string,
): Promise<string> {
  return `${JSON.stringify(await openApiDocument(module, title, description), null, 2)}\n`;
}
