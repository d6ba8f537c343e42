// The arrows of the house: apps → service-kit → database → domain, and never backwards.
// A package of ours is found as its build, and by its bare name where nothing has been built yet.
const ours = (names) => `^(packages|@hallpass)/(${names})(/|$)`;
const npm = (names) => `(^|/)node_modules/(${names})/|^(${names})(/|$)`;
const TESTS = '\\.spec\\.ts$|-spec\\.ts$|/test/|/testing/';
const HOLD_SQL = `^packages/(database|service-kit|bench|acceptance)/|\\.repository\\.ts$|${TESTS}`;
// Services and modules may take the DataSource; admin's controllers read the directory through TypeORM.
const TAKE_DATA_SOURCE = `${HOLD_SQL}|\\.(service|module)\\.ts$|^apps/admin/`;
// The data source lists the migrations, and the migrations open a data source; fixtures likewise.
const CLIENTS = '^(apps/(console|docs)|packages/(client|cli))/src/';

const forbid = (name, from, to) => ({
  name,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: typeof to === 'string' ? { path: to } : to,
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    forbid(
      'domain-is-pure',
      { path: '^packages/domain/src/', pathNot: TESTS },
      { pathNot: '^packages/domain/src/|^(node:)?(crypto|zlib)$' },
    ),
    forbid('no-app-imports-an-app', '^apps/([^/]+)/', { path: '^apps/', pathNot: '^apps/$1/' }),
    forbid('packages-import-no-app', '^packages/', '^apps/'),
    forbid(
      'storage-knows-no-http',
      { path: '^packages/(database|roster-formats)/', pathNot: TESTS },
      `${ours('service-kit')}|${npm('@nestjs|fastify|passport')}`,
    ),
    forbid('formats-know-no-storage', '^packages/roster-formats/', ours('database')),
    forbid(
      'clients-carry-no-server',
      { path: CLIENTS, pathNot: TESTS },
      `${ours('database|service-kit')}|${npm('@nestjs|typeorm|pg')}`,
    ),
    forbid('the-client-needs-nothing', '^packages/client/src/', { pathNot: '^packages/client/src/' }),
    forbid('sql-has-its-places', { path: '.', pathNot: TAKE_DATA_SOURCE }, npm('typeorm')),
    forbid('the-driver-has-one-place', { path: '.', pathNot: HOLD_SQL }, npm('pg|pg-copy-streams')),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    // Types count as much as values.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
