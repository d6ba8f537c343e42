import { writeFile } from 'node:fs/promises';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The contract of a running service, from the decorators that also make its routes. */
export function openApiOf(app: INestApplication, title: string, description: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('0.1.0')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A district’s token' }, 'token')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'A legacy API key as the user name' }, 'apiKey')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'Client id and client secret' }, 'client')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An operator token' }, 'operator')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
}

export function openApiText(document: OpenAPIObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export async function writeOpenApi(document: OpenAPIObject, file: URL): Promise<void> {
  await writeFile(file, openApiText(document));
}
