import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// Serves as many students as it was told, in pages made once: what is measured is who reads them.

const total = Number(process.argv[2]);
const pages = new Map<number, string>();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://server');
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const next = Number.parseInt(url.searchParams.get('starting_after') ?? '0', 16) + limit;
  const self = `{"rel":"self","uri":"/v3.1/users?limit=${limit}"}`;
  const link =
    next < total
      ? `{"rel":"next","uri":"/v3.1/users?limit=${limit}&starting_after=${next.toString(16)}&at=7"}`
      : `{"rel":"events","uri":"/v3.1/events?starting_after=00000007ffffffffffffffff"}`;
  const data = pages.get(limit) ?? dataOf(limit);
  pages.set(limit, data);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`{"data":${data},"links":[${self},${link}]}`);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

function dataOf(limit: number): string {
  return JSON.stringify(
    Array.from({ length: limit }, (_, i) => {
      const id = (i + 1).toString(16).padStart(24, '0');
      return { data: studentOf(id, i), uri: `/v3.1/users/${id}` };
    }),
  );
}

/** In the shape and length of the demo's students. */
function studentOf(id: string, i: number): object {
  const school = '9b3e492e692dc956a3aecad8';
  return {
    id,
    district: '22aa5867bee301d26c0cd3e9',
    email: `student${i}@students.benchunified.example`,
    name: { first: 'Given', middle: 'Middle', last: `Family${i}` },
    roles: {
      student: {
        legacy_id: id,
        sis_id: `46793bc2-2a38-4c80-9a60-${String(i).padStart(12, '0')}`,
        student_number: String(100_000 + i),
        school,
        schools: [school],
        enrollments: [{ school, start_date: '2026-08-17', end_date: '2027-06-04' }],
        grade: '11',
        dob: '2009-11-16',
        gender: 'M',
        race: 'Asian',
        hispanic_ethnicity: 'N',
        credentials: { district_username: `student${i}` },
      },
    },
    created: '2026-11-25T16:12:45.272Z',
    last_modified: '2026-11-25T16:12:45.272Z',
  };
}
