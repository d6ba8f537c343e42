import type { Actor } from '@hallpass/database';
import type { AppId, ProposalId, SunsetChange } from '@hallpass/domain';
import { IdPipe, OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { RehearsalService, type Rehearsal } from './rehearsal.service.js';
import {
  AppPlanRequest,
  AppPlanResponse,
  ExtensionRequest,
  ExtensionResponse,
  ProposalResponse,
  ProposalsPage,
  ProposedResponse,
  RehearsalRequest,
  RehearsalResponse,
  SunsetPlanRequest,
  SunsetPlanResponse,
  toSunsetPlan,
} from './sunset.dto.js';
import { SunsetRepository, type Proposal } from './sunset.repository.js';
import { SunsetService } from './sunset.service.js';

const Proposed = () =>
  ApiAcceptedResponse({
    type: ProposedResponse,
    description:
      'Not made yet: it would end the keys of apps in live use sooner, and waits for a second person',
  });

function shown({ revision: _revision, ...proposal }: Proposal): ProposalResponse {
  return proposal;
}

/** How API keys are retired, and who has more time. */
@ApiTags('sunset-plan')
@Controller('v1/sunset-plan')
export class SunsetController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: SunsetRepository,
    private readonly sunset: SunsetService,
    private readonly rehearsals: RehearsalService,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives the plan, its exceptions, and the changes that wait' })
  @ApiOkResponse({ type: SunsetPlanResponse })
  async show(): Promise<SunsetPlanResponse> {
    const { plan } = await this.repository.plan(this.dataSource);
    const [appPlans, extensions, waiting] = await Promise.all([
      this.repository.appPlans(this.dataSource),
      this.repository.extensions(this.dataSource),
      this.repository.proposals(this.dataSource, { isWaiting: true }),
    ]);
    return { ...plan, appPlans, extensions, proposals: waiting.map(shown) };
  }

  @Put()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Replaces the plan; every service goes by it within a second' })
  @ApiOkResponse({ type: SunsetPlanResponse })
  @Proposed()
  set(
    @Body() request: SunsetPlanRequest,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SunsetPlanResponse | ProposedResponse> {
    return this.#change({ type: 'plan', plan: toSunsetPlan(request) }, actor, reply, () => this.show());
  }

  @Post('rehearsals')
  @HttpCode(200)
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Tries a plan on the recorded use of the last 30 days, and changes nothing' })
  @ApiOkResponse({ type: RehearsalResponse })
  rehearse(@Body() request: RehearsalRequest): Promise<Rehearsal> {
    const appId = (request.appId ?? null) as AppId | null;
    return this.rehearsals.rehearse(toSunsetPlan(request), appId);
  }

  @Put('apps/:appId')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Gives an app a plan of its own, in the place of the one for all' })
  @ApiOkResponse({ type: AppPlanResponse })
  @Proposed()
  setAppPlan(
    @Param('appId', IdPipe) appId: AppId,
    @Body() request: AppPlanRequest,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppPlanResponse | ProposedResponse> {
    const { reason } = request;
    const change: SunsetChange = { type: 'app-plan', appId, plan: toSunsetPlan(request), reason };
    return this.#change(change, actor, reply, async () => {
      const [set] = await this.repository.appPlans(this.dataSource, appId);
      if (!set) throw new Error('a plan that was set a moment ago is gone');
      return set;
    });
  }

  @Delete('apps/:appId')
  @HttpCode(204)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Puts an app under the plan for all again' })
  @ApiNoContentResponse()
  @Proposed()
  dropAppPlan(
    @Param('appId', IdPipe) appId: AppId,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProposedResponse | undefined> {
    const change: SunsetChange = { type: 'app-plan', appId, plan: null, reason: null };
    return this.#change(change, actor, reply, async () => undefined);
  }

  @Put('extensions/:appId')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Gives an app more time' })
  @ApiOkResponse({ type: ExtensionResponse })
  @Proposed()
  extend(
    @Param('appId', IdPipe) appId: AppId,
    @Body() { until, reason }: ExtensionRequest,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExtensionResponse | ProposedResponse> {
    const change: SunsetChange = { type: 'extension', appId, extension: { until, reason } };
    return this.#change(change, actor, reply, async () => {
      const [given] = await this.repository.extensions(this.dataSource, appId);
      if (!given) throw new Error('an extension that was given a moment ago is gone');
      return given;
    });
  }

  @Delete('extensions/:appId')
  @HttpCode(204)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Takes an app’s extension back' })
  @ApiNoContentResponse()
  @Proposed()
  withdraw(
    @Param('appId', IdPipe) appId: AppId,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProposedResponse | undefined> {
    return this.#change({ type: 'extension', appId, extension: null }, actor, reply, async () => undefined);
  }

  @Get('proposals')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the changes that waited for a second person, the latest first' })
  @ApiOkResponse({ type: ProposalsPage })
  async proposals(): Promise<ProposalsPage> {
    return { data: (await this.repository.proposals(this.dataSource, {})).map(shown), next: null };
  }

  @Post('proposals/:id/approve')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Makes a change that somebody else has proposed' })
  @ApiOkResponse({ type: ProposalResponse })
  async approve(
    @Param('id', IdPipe) id: ProposalId,
    @CurrentActor() actor: Actor,
  ): Promise<ProposalResponse> {
    return shown(await this.sunset.approve(id, actor));
  }

  @Post('proposals/:id/decline')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Puts a proposed change away' })
  @ApiOkResponse({ type: ProposalResponse })
  async decline(
    @Param('id', IdPipe) id: ProposalId,
    @CurrentActor() actor: Actor,
  ): Promise<ProposalResponse> {
    return shown(await this.sunset.decline(id, actor));
  }

  /** Makes the change and answers with what stands then, or answers 202 with the proposal that it became. */
  async #change<T>(
    change: SunsetChange,
    actor: Actor,
    reply: FastifyReply,
    answer: () => Promise<T>,
  ): Promise<T | ProposedResponse> {
    const proposal = await this.sunset.change(change, actor);
    if (!proposal) return answer();
    reply.status(202);
    return { proposal: shown(proposal) };
  }
}
