// Runs a release of the npm package `clever`, unmodified, against a base URL, as a partner's own program would: calls come as
// lines of JSON, and are answered so.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [release, base] = process.argv.slice(2);
const makeClever = createRequire(import.meta.url)(release);

const CALLS = {
  find: (Collection, query) => exec(query).then((found) => found.map((each) => shown(Collection, each))),
  count: (_, query) => exec(query.count()),
  byId: (Collection, _, id) =>
    new Promise((resolve, reject) => {
      Collection.findById(id, (error, found) => {
        if (error) reject(error);
        else resolve(found && shown(Collection, found));
      });
    }),
  stream: (Collection, query) =>
    new Promise((resolve, reject) => {
      const all = [];
      const stream = query.stream();
      stream.on('data', (each) => all.push(shown(Collection, each)));
      stream.on('error', reject);
      stream.on('end', () => resolve(all));
    }),
};

/** What the package made of a record, and whether it took it for one of the right class. */
function shown(Collection, each) {
  return { isOfClass: each instanceof Collection, data: each.toJSON() };
}

function exec(query) {
  return new Promise((resolve, reject) => {
    query.exec((error, found) => {
      if (error) reject(error);
      else resolve(found);
    });
  });
}

/** A list at a path of the caller's own, as the package lets its users add one. */
function listAt(path, Parent) {
  function List() {}
  Object.assign(List, Parent, { path });
  return List;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { auth, of, path, conditions = {}, options = {}, call, id } = JSON.parse(line);
  try {
    const Collection = makeClever(auth, base)[of];
    const query = (path ? listAt(path, Collection) : Collection).find(conditions);
    for (const [name, value] of Object.entries(options)) query[name](value);
    process.stdout.write(
      `${JSON.stringify({ answer: (await CALLS[call](Collection, query, id)) ?? null })}\n`,
    );
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: error.message, body: error.body ?? null })}\n`);
  }
}
