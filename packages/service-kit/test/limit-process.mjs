// A process that shares a limit with others: it asks as fast as it can until the time it is told, and says how often it was let in.
import { once } from 'node:events';
import { RateLimiter, RedisStore } from '../dist/index.js';

const [{ url, policy, subjectId, ms, atOnce }] = await once(process, 'message');
const limiter = new RateLimiter(new RedisStore(url));
await limiter.onModuleInit();
process.send('ready');
await once(process, 'message');
const begun = Date.now();
let allowed = 0;
const client = async () => {
  while (Date.now() - begun < ms) {
    const verdict = await limiter.spend([{ policy, subjectId, cost: 1 }], new Date());
    if (verdict.allowed) allowed += 1;
    // What is decided at once must not keep the others from their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await Promise.all(Array.from({ length: atOnce }, client));
process.send({ allowed, begun, ended: Date.now(), store: limiter.stats().store });
limiter.onApplicationShutdown();
process.disconnect();
