import { createDataSource, findToken } from '@hallpass/database';
import { TestDirectory } from '@hallpass/database/testing';
import { digits, median, medianRatio, type Report } from '../figures.js';

const LOOKUPS = 2000;
/** Of these every tenth is live. */
const FEW = 10_000;
const MANY = 1_000_000;
const TOKENS_OF_A_GRANT = 10;

/** What a look-up on a miss costs among ten thousand tokens, and among a million of which a hundred thousand are live. */
export async function benchLookups(rounds: number): Promise<Report> {
  console.log(`tokens: writing ${MANY} tokens`);
  const [few, many] = [await TestDirectory.open(), await TestDirectory.open()];
  try {
    await fill(few, FEW);
    await fill(many, MANY);
    const times: Record<'few' | 'many', number[]> = { few: [], many: [] };
    await lookUp(few, FEW);
    await lookUp(many, MANY);
    for (let round = 1; round <= rounds; round += 1) {
      times.few.push(await lookUp(few, FEW));
      times.many.push(await lookUp(many, MANY));
      console.log(
        `tokens: round ${round} of ${rounds}, ms a look-up: ${digits(times.few.at(-1) ?? NaN)} and ${digits(times.many.at(-1) ?? NaN)}`,
      );
    }
    return {
      figures: [
        {
          what: 'look-up on a miss among 1,000,000 tokens, time',
          against: 'among 10 thousand',
          ratio: medianRatio(times.many, times.few),
          wanted: { max: 1.2 },
        },
      ],
      medians: [
        { what: 'look-up among 10 thousand tokens', value: `${digits(median(times.few))} ms` },
        { what: 'look-up among 1,000,000 tokens', value: `${digits(median(times.many))} ms` },
      ],
    };
  } finally {
    await few.close();
    await many.close();
  }
}

/** Directly, for the commands would take hours; the look-up of token n is the hash of n. */
async function fill({ dataSource }: TestDirectory, tokens: number): Promise<void> {
  const grants = tokens / TOKENS_OF_A_GRANT;
  const apps = Math.min(100, grants / 10);
  const districts = grants / apps;
  const id = (kind: string, n: string) => `substr(md5('${kind}' || ${n}), 1, 24)`;
  await dataSource.query(`insert into partners (id, name) values ('${'a'.repeat(24)}', 'p')`);
  await dataSource.query(
    `insert into apps (id, partner_id, name, client_id, requested_fields)
     select ${id('app', 'n')}, '${'a'.repeat(24)}', n::text, ${id('client', 'n')}, '{}' from generate_series(0, $1 - 1) n`,
    [apps],
  );
  await dataSource.query(
    `insert into districts (id, name, record_key)
     select ${id('district', 'n')}, n::text, '' from generate_series(0, $1 - 1) n`,
    [districts],
  );
  await dataSource.query(
    `insert into grants (district_id, id, app_id, status, selection, fields, fingerprint)
     select ${id('district', '(n / $2)')}, ${id('grant', 'n')}, ${id('app', '(n % $2)')}, 'active',
       '{"type": "everything"}', '{}', ''
     from generate_series(0, $1 - 1) n`,
    [grants, apps],
  );
  await dataSource.query(
    `insert into tokens (district_id, id, grant_id, app_id, lookup, masked, revoked_at)
     select ${id('district', '(n / $2 / $3)')}, ${id('token', 'n')}, ${id('grant', '(n / $2)')}, ${id('app', '(n / $2 % $3)')},
       sha256(convert_to(n::text, 'UTF8')), 'hptok_…', case when n % $2 > 0 then now() end
     from generate_series(0, $1 - 1) n`,
    [tokens, TOKENS_OF_A_GRANT, apps],
  );
  await dataSource.query('vacuum analyze');
}

/** Milliseconds of one look-up, as the data API makes it: through its function, by its role. */
async function lookUp({ url }: TestDirectory, tokens: number): Promise<number> {
  const dataSource = await createDataSource({ url, service: 'data-api', poolSize: 1 }).initialize();
  try {
    const { createHash } = await import('node:crypto');
    const lookups = Array.from({ length: LOOKUPS }, () => {
      const live = Math.floor((Math.random() * tokens) / TOKENS_OF_A_GRANT) * TOKENS_OF_A_GRANT;
      return createHash('sha256').update(String(live)).digest();
    });
    const start = performance.now();
    for (const lookup of lookups) {
      const found = await findToken(dataSource, [lookup]);
      if (found?.credential.type !== 'token' || found.credential.revokedAt)
        throw new Error('a live token was not found');
    }
    return (performance.now() - start) / LOOKUPS;
  } finally {
    await dataSource.destroy();
  }
}
