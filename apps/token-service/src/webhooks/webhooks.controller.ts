import type { DeliveryId, WebhookId } from '@hallpass/domain';
import { ClientAccess, CurrentUser, IdPipe, type ClientPrincipal } from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import {
  ChangeWebhookRequest,
  CreateWebhookRequest,
  CreatedWebhookResponse,
  DeliveryListQuery,
  DeliveryListResponse,
  DeliveryResponse,
  ReplayRequest,
  ReplayResponse,
  RotateSecretRequest,
  RotatedSecretResponse,
  WebhookListResponse,
  WebhookResponse,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'The app has nothing of this id.' });
const Refused = () => ApiResponse({ status: 422, description: 'No webhook can be sent to the address.' });
const Disabled = () => ApiResponse({ status: 409, description: 'The webhook is disabled.' });

/** Where an app is told of what happens to its grants, tokens, keys and rosters. */
@ApiTags('webhooks')
@Controller('v1/webhooks')
@ClientAccess()
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Sets up a webhook; its secret is shown this once' })
  @ApiCreatedResponse({ type: CreatedWebhookResponse })
  @Malformed()
  @Refused()
  create(
    @CurrentUser() client: ClientPrincipal,
    @Body() request: CreateWebhookRequest,
  ): Promise<CreatedWebhookResponse> {
    return this.webhooks.create(client, request);
  }

  @Get()
  @ApiOperation({ summary: 'Lists the app’s webhooks' })
  @ApiOkResponse({ type: WebhookListResponse })
  list(@CurrentUser() { appId }: ClientPrincipal): Promise<WebhookListResponse> {
    return this.webhooks.list(appId);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a webhook' })
  @ApiOkResponse({ type: WebhookResponse })
  @Absent()
  get(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
  ): Promise<WebhookResponse> {
    return this.webhooks.get(appId, id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a webhook; enabling it sends what has waited' })
  @ApiOkResponse({ type: WebhookResponse })
  @Malformed()
  @Absent()
  @Refused()
  change(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
    @Body() request: ChangeWebhookRequest,
  ): Promise<WebhookResponse> {
    return this.webhooks.change(client, id, request);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a webhook with what is on its way to it; the list of events keeps all' })
  @ApiNoContentResponse()
  @Absent()
  delete(@CurrentUser() client: ClientPrincipal, @Param('id', IdPipe) id: WebhookId): Promise<void> {
    return this.webhooks.delete(client, id);
  }

  @Post(':id/secret/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Gives a new secret; for a while the one before signs as well' })
  @ApiOkResponse({ type: RotatedSecretResponse })
  @Malformed()
  @Absent()
  rotateSecret(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
    @Body() { overlapHours }: RotateSecretRequest,
  ): Promise<RotatedSecretResponse> {
    return this.webhooks.rotateSecret(client, id, overlapHours);
  }

  @Post(':id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends a webhook.test event to this webhook' })
  @ApiAcceptedResponse({ type: DeliveryResponse })
  @Absent()
  @Disabled()
  test(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
  ): Promise<DeliveryResponse> {
    return this.webhooks.test(appId, id);
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'Lists what was sent to a webhook and what became of it, the newest first' })
  @ApiOkResponse({ type: DeliveryListResponse })
  @Malformed()
  @Absent()
  listDeliveries(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
    @Query() query: DeliveryListQuery,
  ): Promise<DeliveryListResponse> {
    return this.webhooks.listDeliveries(appId, id, query);
  }

  @Post(':id/deliveries/:deliveryId/replay')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends an event again, whatever became of it' })
  @ApiAcceptedResponse({ type: DeliveryResponse })
  @Absent()
  @Disabled()
  replay(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
    @Param('deliveryId', IdPipe) deliveryId: DeliveryId,
  ): Promise<DeliveryResponse> {
    return this.webhooks.replay(appId, id, deliveryId);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends again all that was given up, of events since an instant' })
  @ApiAcceptedResponse({ type: ReplayResponse })
  @Malformed()
  @Absent()
  @Disabled()
  replayDead(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: WebhookId,
    @Body() { since }: ReplayRequest,
  ): Promise<ReplayResponse> {
    return this.webhooks.replayDead(appId, id, new Date(since));
  }
}
