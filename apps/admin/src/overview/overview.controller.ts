import { firstRow, rows } from '@hallpass/database';
import { OperatorAccess, SERVICE_CONFIG, type ServiceConfig } from '@hallpass/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { DataSource } from 'typeorm';

/** So many of each are found; who finds more than that says more. */
const FOUND_MAX = 10;
const PATIENCE_MS = 2000;

class SearchQuery {
  @ApiProperty({ minLength: 1, maxLength: 100, description: 'A part of a name, or a whole id' })
  @IsString()
  @Length(1, 100)
  q!: string;
}

class Found {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
}

class FoundApp extends Found {
  @ApiProperty() partnerName!: string;
}

class FoundGrant {
  @ApiProperty() id!: string;
  @ApiProperty() appId!: string;
  @ApiProperty() appName!: string;
  @ApiProperty() districtId!: string;
  @ApiProperty() districtName!: string;
  @ApiProperty() status!: string;
}

class SearchResponse {
  @ApiProperty({ type: [Found] }) partners!: Found[];
  @ApiProperty({ type: [FoundApp] }) apps!: FoundApp[];
  @ApiProperty({ type: [Found] }) districts!: Found[];
  @ApiProperty({ type: [FoundGrant], description: 'The grant of this id, or of the token of this id' })
  grants!: FoundGrant[];
}

class ServiceState {
  @ApiProperty() name!: string;
  @ApiProperty() isReady!: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['alone', 'shared', 'away'],
    description: 'How limits are counted',
  })
  limits!: string | null;
}

class SystemResponse {
  @ApiProperty({ type: [ServiceState] }) services!: ServiceState[];
  @ApiProperty() districts!: number;
  @ApiProperty() districtsWithoutRoster!: number;
  @ApiProperty({ description: 'Districts whose last import is more than a day ago' }) importsOverdue!: number;
  @ApiProperty() importsRunning!: number;
  @ApiProperty({ description: 'Imports that wait to be confirmed' }) importsHeld!: number;
  @ApiProperty() deliveriesPending!: number;
  @ApiProperty() deliveriesDead!: number;
  @ApiProperty({ description: 'Since the oldest delivery that is due became so' })
  deliveriesOverdueSeconds!: number;
  @ApiProperty() mailsPending!: number;
  @ApiProperty() mailsDead!: number;
  @ApiProperty({ description: 'Changes of the sunset plan that wait for a second person' })
  proposalsWaiting!: number;
  @ApiProperty() databaseBytes!: number;
}

/** What staff begin with: finding things, and how the whole is doing. */
@ApiTags('overview')
@Controller('v1')
export class OverviewController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {}

  @Get('search')
  @OperatorAccess('read')
  @ApiOperation({
    summary: 'Finds partners, apps and districts by a part of their name, and anything by its id',
  })
  @ApiOkResponse({ type: SearchResponse })
  async search(@Query() { q }: SearchQuery): Promise<SearchResponse> {
    const text = q.trim().toLowerCase();
    const named = (name: string, id: string) => `(strpos(lower(${name}), $1) > 0 or ${id} = $1)`;
    // Names that begin with the text come first.
    const order = (name: string, id: string) =>
      `order by (strpos(lower(${name}), $1) = 1) desc, ${name}, ${id} limit $2`;
    const find = <T extends object>(sql: string) => rows<T>(this.dataSource, sql, [text, FOUND_MAX]);
    const [partners, apps, districts, grants] = await Promise.all([
      find<Found>(
        `select p.id, p.name from partners p where ${named('p.name', 'p.id')} ${order('p.name', 'p.id')}`,
      ),
      find<FoundApp>(
        `select a.id, a.name, p.name "partnerName" from apps a join partners p on p.id = a.partner_id
         where ${named('a.name', 'a.id')} or a.client_id = $1 ${order('a.name', 'a.id')}`,
      ),
      find<Found>(
        `select d.id, d.name from districts d where ${named('d.name', 'd.id')} ${order('d.name', 'd.id')}`,
      ),
      find<FoundGrant>(
        `select g.id, g.app_id "appId", a.name "appName", g.district_id "districtId", d.name "districtName", g.status
         from grants g join apps a on a.id = g.app_id join districts d on d.id = g.district_id
         where g.id = $1 or g.id = (select t.grant_id from tokens t where t.id = $1) limit $2`,
      ),
    ]);
    return { partners, apps, districts, grants };
  }

  @Get('system')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Says how the services, imports, webhooks and mail are doing' })
  @ApiOkResponse({ type: SystemResponse })
  async system(): Promise<SystemResponse> {
    const [found, ...services] = await Promise.all([
      firstRow<Omit<SystemResponse, 'services'>>(
        this.dataSource,
        `select
           (select count(*) from districts)::int districts,
           (select count(*) from districts where last_import_at is null)::int "districtsWithoutRoster",
           (select count(*) from districts where last_import_at < now() - interval '1 day')::int "importsOverdue",
           (select count(*) from imports where status = 'running')::int "importsRunning",
           (select count(*) from imports where status = 'held')::int "importsHeld",
           l.pending "deliveriesPending", l.dead "deliveriesDead", l.overdue_seconds "deliveriesOverdueSeconds",
           (select count(*) from mails where status = 'pending')::int "mailsPending",
           (select count(*) from mails where status = 'dead')::int "mailsDead",
           (select count(*) from sunset_proposals where status = 'waiting')::int "proposalsWaiting",
           pg_database_size(current_database())::float8 "databaseBytes"
         from delivery_lag() l`,
      ),
      stateOf('token-service', this.config.TOKEN_SERVICE_URL),
      stateOf('data-api', this.config.DATA_API_URL),
    ]);
    if (!found) throw new Error('the database answered with nothing');
    return { services, ...found };
  }
}

async function stateOf(name: string, url: string): Promise<ServiceState> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { limits = null } = (await response.json()) as { limits?: string };
    return { name, isReady: response.ok, limits };
  } catch {
    return { name, isReady: false, limits: null };
  }
}
