import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IMPORT_PROBLEM_CODES, RECORD_KINDS } from '@hallpass/domain';
import { CLEVER } from './clever-fixtures.js';
import { aSource, readSource, ROSTER, type Outcome } from './fixtures.js';

const FORMATS = [
  {
    format: 'OneRoster',
    roster: ROSTER,
    previous: { user: ['u1', 'u2'], section: ['k1'], resource: ['r1'] },
  },
  {
    format: 'Clever',
    roster: CLEVER,
    previous: { user: ['student:1', 'teacher:1', 'staff:1'], section: ['k1'], resource: [] },
  },
] as const;
const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
);

/** Every reference names a record that the same reading yields or keeps. */
function expectWhole({ records, kept }: Outcome): void {
  const ids = new Map(RECORD_KINDS.map((kind) => [kind, new Set<string>(kept[kind])]));
  for (const { kind, sourceId } of records) ids.get(kind)!.add(sourceId);
  const has = (kind: (typeof RECORD_KINDS)[number], id: string | undefined) =>
    expect(id === undefined || ids.get(kind)!.has(id)).toBe(true);
  for (const record of records) {
    if (record.kind === 'section') {
      has('school', record.school);
      has('course', record.course);
      has('term', record.term);
      for (const user of [...record.teachers, ...record.students]) has('user', user);
    }
    if (record.kind === 'resource') {
      for (const course of record.courses) has('course', course);
      for (const section of record.sections) has('section', section);
    }
    if (record.kind === 'user') {
      const { student, teacher, staff, contact } = record.roles;
      expect(Object.keys(record.roles)).not.toEqual([]);
      for (const school of [student, teacher, staff].flatMap((role) => role?.schools ?? []))
        has('school', school);
      for (const { student: of } of contact?.relationships ?? []) has('user', of);
    }
  }
}

async function expectReport(
  { roster, previous }: (typeof FORMATS)[number],
  changed: Readonly<Record<string, Buffer>>,
): Promise<void> {
  const outcome = await readSource(aSource({ ...roster, ...changed }, 64), {
    user: [...previous.user],
    section: [...previous.section],
    resource: [...previous.resource],
  });
  expect(outcome.isRead).toBe(!outcome.problems.isRefused);
  for (const { code, message, mend } of outcome.problems.listed) {
    expect(IMPORT_PROBLEM_CODES).toContain(code);
    expect([message, mend]).not.toContain('');
  }
  expectWhole(outcome);
}

describe.each(FORMATS)('whatever comes as $format', (of) => {
  const roster: Readonly<Record<string, string>> = of.roster;
  const files = Object.keys(roster);

  it('a file of random bytes gives a report and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), garbage, (file, bytes) =>
        expectReport(of, { [file]: bytes }),
      ),
      { numRuns: 300 },
    );
  });

  it('random bytes after a good header do as well', async () => {
    const header = (file: string) => `${roster[file]!.split('\n')[0]}\n`;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), garbage, (file, bytes) =>
        expectReport(of, { [file]: Buffer.concat([Buffer.from(header(file)), bytes]) }),
      ),
      { numRuns: 300 },
    );
  });

  it('a good file with a few bytes changed does as well', async () => {
    const change = fc.tuple(fc.nat(600), fc.constantFrom('"', ',', '\n', '\r', '\0', '\xff', '9', 'x', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (file, changes) => {
          let text = roster[file]!;
          for (const [at, by] of changes) {
            const place = at % text.length;
            text = text.slice(0, place) + by + text.slice(place + 1);
          }
          return expectReport(of, { [file]: Buffer.from(text, 'latin1') });
        },
      ),
      { numRuns: 500 },
    );
  });
});
