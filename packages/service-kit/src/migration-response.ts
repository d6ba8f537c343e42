import type { MigrationFacts } from '@hallpass/database';
import {
  daysLeft,
  nextStage,
  READINESSES,
  readinessOf,
  refusalOf,
  shareMoved,
  sunsetStage,
  type Readiness,
  type SunsetPlan,
  type SunsetStage,
} from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { csvOf } from './csv.js';

const DATE = { type: String, format: 'date-time' } as const;
const DATE_OR_NULL = { ...DATE, nullable: true } as const;
const STAGES = ['open', 'announced', 'slowed', 'brownout', 'refused'] as const;

/** What its people do next, by how far the app has come. */
const NEXT_STEPS: Readonly<Record<Readiness, string>> = {
  'not-started': 'Fetch the districts’ tokens and read one district with its own.',
  moving: 'Read the districts that are left with their tokens, and cut the key out of what still sends it.',
  ready: 'Revoke the key: nothing has used it for a fortnight.',
  idle: 'Ask whether the app is still in use; revoke its key if not.',
  done: 'Nothing: no key of the app works any more.',
};

export class StageResponse {
  @ApiProperty({ enum: STAGES }) stage!: SunsetStage['stage'];
  @ApiPropertyOptional({ description: 'In stage slowed: the rate in force' }) requestsPerMinute?: number;
  @ApiPropertyOptional({ description: 'A rate that is tried and refuses nobody yet' })
  triedPerMinute?: number;
  @ApiPropertyOptional({ ...DATE, description: 'In a brownout: its end' }) until?: Date;
}

export class NextStageResponse {
  @ApiProperty(DATE) at!: Date;
  @ApiProperty({ type: StageResponse }) stage!: StageResponse;
}

export class GivenTimeResponse {
  @ApiProperty(DATE) until!: Date;
  @ApiProperty() reason!: string;
}

/** How far one app has come from its API key to tokens. */
export class MigrationResponse {
  @ApiProperty() appId!: string;
  @ApiProperty() appName!: string;
  @ApiProperty() partnerId!: string;
  @ApiProperty() partnerName!: string;
  @ApiProperty({ enum: READINESSES }) readiness!: Readiness;
  @ApiProperty({ description: 'What its people do next' }) nextStep!: string;
  @ApiProperty({ type: StageResponse }) stage!: StageResponse;
  @ApiProperty({ type: NextStageResponse, nullable: true }) next!: NextStageResponse | null;
  @ApiProperty({ ...DATE_OR_NULL, description: 'When its keys end; null while no day is set' })
  endsAt!: Date | null;
  @ApiProperty({ type: Number, nullable: true }) daysLeft!: number | null;
  @ApiProperty({ type: GivenTimeResponse, nullable: true }) extension!: GivenTimeResponse | null;
  @ApiProperty() hasOwnPlan!: boolean;
  @ApiProperty() liveKeys!: number;
  @ApiProperty(DATE_OR_NULL) keyUsedAt!: Date | null;
  @ApiProperty(DATE_OR_NULL) tokenUsedAt!: Date | null;
  @ApiProperty({ description: 'Districts whose grant is active' }) districts!: number;
  @ApiProperty() districtsWithToken!: number;
  @ApiProperty({ description: 'Districts whose token was used within 14 days' }) districtsOnTokens!: number;
  @ApiProperty({ description: 'Of the last 7 days' }) keyCalls!: number;
  @ApiProperty({ description: 'Of the last 7 days' }) tokenCalls!: number;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Part of the calls that come with tokens, 0 to 1',
  })
  shareMoved!: number | null;
}

export class CallsOfDayResponse {
  @ApiProperty({ format: 'date' }) day!: string;
  @ApiProperty() keyCalls!: number;
  @ApiProperty({ description: 'Those of them that were answered 401 or 429' }) keyRefused!: number;
  @ApiProperty() tokenCalls!: number;
}

export class KeyRouteResponse {
  @ApiProperty() route!: string;
  @ApiProperty() calls!: number;
}

export class KeyPlaceResponse {
  @ApiProperty() keyId!: string;
  @ApiProperty() masked!: string;
  @ApiProperty() address!: string;
  @ApiProperty() userAgent!: string;
  @ApiProperty(DATE) lastAt!: Date;
  @ApiProperty() uses!: number;
}

export class DistrictMigrationResponse {
  @ApiProperty() districtId!: string;
  @ApiProperty() districtName!: string;
  @ApiProperty(DATE_OR_NULL) tokenIssuedAt!: Date | null;
  @ApiProperty(DATE_OR_NULL) tokenUsedAt!: Date | null;
  @ApiProperty({ description: 'Whether its token was used within 14 days' }) isOnTokens!: boolean;
  @ApiProperty({ description: 'Calls with its token in the last 7 days' }) tokenCalls!: number;
  @ApiProperty({ description: 'Answers to a key that held its records, in the last 7 days' })
  keyCalls!: number;
}

/** The same with what it rests on: days, routes, places and districts. */
export class MigrationDetailResponse extends MigrationResponse {
  @ApiProperty({ type: [CallsOfDayResponse], description: 'The last 30 days' }) days!: CallsOfDayResponse[];
  @ApiProperty({ type: [KeyRouteResponse], description: 'What it still asks for with a key, in 14 days' })
  keyRoutes!: KeyRouteResponse[];
  @ApiProperty({ type: [KeyPlaceResponse], description: 'From where it signs in with a key' })
  keyPlaces!: KeyPlaceResponse[];
  @ApiProperty({ type: [DistrictMigrationResponse] }) byDistrict!: DistrictMigrationResponse[];
}

type Plain<T> = { [K in keyof T]: T[K] };

export function toMigrationResponse(
  facts: MigrationFacts,
  plan: SunsetPlan,
  now: Date,
): Plain<MigrationResponse> {
  const { plan: own, extension, liveKeys, keyUsedAt, tokenUsedAt } = facts;
  const inForce = own ?? plan;
  const endsAt = refusalOf(inForce, extension);
  const readiness = readinessOf({ hasLiveKey: liveKeys > 0, keyUsedAt, tokenUsedAt }, now);
  const { appId, appName, partnerId, partnerName, keyCalls, tokenCalls } = facts;
  const { districts, districtsWithToken, districtsOnTokens } = facts;
  return {
    appId,
    appName,
    partnerId,
    partnerName,
    readiness,
    nextStep: NEXT_STEPS[readiness],
    stage: sunsetStage(inForce, extension, now),
    next: nextStage(inForce, extension, now),
    endsAt,
    daysLeft: daysLeft(endsAt, now),
    extension,
    hasOwnPlan: own !== null,
    liveKeys,
    keyUsedAt,
    tokenUsedAt,
    districts,
    districtsWithToken,
    districtsOnTokens,
    keyCalls,
    tokenCalls,
    shareMoved: shareMoved({ keyCalls, tokenCalls }),
  };
}

/** Apps as a sheet. */
export function migrationsCsv(apps: readonly MigrationResponse[]): string {
  return csvOf<MigrationResponse>(
    {
      app_id: (a) => a.appId,
      app: (a) => a.appName,
      partner: (a) => a.partnerName,
      readiness: (a) => a.readiness,
      stage: (a) => a.stage.stage,
      ends_at: (a) => a.endsAt,
      days_left: (a) => a.daysLeft,
      live_keys: (a) => a.liveKeys,
      key_used_at: (a) => a.keyUsedAt,
      token_used_at: (a) => a.tokenUsedAt,
      districts: (a) => a.districts,
      districts_with_token: (a) => a.districtsWithToken,
      districts_on_tokens: (a) => a.districtsOnTokens,
      key_calls_7_days: (a) => a.keyCalls,
      token_calls_7_days: (a) => a.tokenCalls,
      share_moved: (a) => a.shareMoved,
      next_step: (a) => a.nextStep,
    },
    apps,
  );
}

/** An app's districts as a sheet. */
export function districtMigrationsCsv(districts: readonly DistrictMigrationResponse[]): string {
  return csvOf<DistrictMigrationResponse>(
    {
      district_id: (d) => d.districtId,
      district: (d) => d.districtName,
      token_issued_at: (d) => d.tokenIssuedAt,
      token_used_at: (d) => d.tokenUsedAt,
      on_tokens: (d) => d.isOnTokens,
      token_calls_7_days: (d) => d.tokenCalls,
      key_calls_7_days: (d) => d.keyCalls,
    },
    districts,
  );
}
