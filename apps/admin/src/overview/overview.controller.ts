import { OperatorAccess, SERVICE_CONFIG, type ServiceConfig } from '@hallpass/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { OverviewRepository } from './overview.repository.js';

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

class HeldImport {
  @ApiProperty() id!: string;
  @ApiProperty() districtId!: string;
  @ApiProperty() districtName!: string;
  @ApiProperty({ type: String, format: 'date-time' }) startedAt!: Date;
}

class SystemResponse {
  @ApiProperty({ type: [ServiceState] }) services!: ServiceState[];
  @ApiProperty() districts!: number;
  @ApiProperty() districtsWithoutRoster!: number;
  @ApiProperty({ description: 'Districts whose last import is more than a day ago' }) importsOverdue!: number;
  @ApiProperty() importsRunning!: number;
  @ApiProperty({ description: 'Imports that wait to be confirmed' }) importsHeld!: number;
  @ApiProperty({ type: [HeldImport], description: 'The latest ten of them' }) heldImports!: HeldImport[];
  @ApiProperty() deliveriesPending!: number;
  @ApiProperty() deliveriesDead!: number;
  @ApiProperty({ description: 'Since the oldest delivery that is due became so' })
  deliveriesOverdueSeconds!: number;
  @ApiProperty() mailsPending!: number;
  @ApiProperty() mailsDead!: number;
  @ApiProperty({ description: 'Changes of the sunset plan that wait for a second person' })
  proposalsWaiting!: number;
  @ApiProperty() databaseBytes!: number;
  @ApiProperty({ description: 'Whether this is a demo, with its mail page and its movable clock' })
  isDemo!: boolean;
}

/** What staff begin with: finding things, and how the whole is doing. */
@ApiTags('overview')
@Controller('v1')
export class OverviewController {
  constructor(
    private readonly repository: OverviewRepository,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {}

  @Get('search')
  @OperatorAccess('read')
  @ApiOperation({
    summary: 'Finds partners, apps and districts by a part of their name, and anything by its id',
  })
  @ApiOkResponse({ type: SearchResponse })
  search(@Query() { q }: SearchQuery): Promise<SearchResponse> {
    return this.repository.search(q);
  }

  @Get('system')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Says how the services, imports, webhooks and mail are doing' })
  @ApiOkResponse({ type: SystemResponse })
  async system(): Promise<SystemResponse> {
    const [found, heldImports, ...services] = await Promise.all([
      this.repository.system(),
      this.repository.heldImports(),
      stateOf('token-service', this.config.TOKEN_SERVICE_URL),
      stateOf('data-api', this.config.DATA_API_URL),
    ]);
    return { services, ...found, heldImports, isDemo: this.config.MOVABLE_CLOCK };
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
