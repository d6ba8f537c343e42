// A process that shares a limit with others: it asks as fast as it can until the time it is told, and says how often it was let in.
import { once } from 'node:events';
import { RateLimiter, RedisStore } from '../dist/index.js';

const [{ url, patience, policy, subjectId, ms, atOnce }] = await once(process, 'message');
const limiter = new RateLimiter(new RedisStore(url, patience));
await limiter.onModuleInit();
process.send('ready');
await once(process, 'message');
const begun = Date.now();
let allowed = 0;
let refusedAt = 0;
const client = async () => {
  // A refusal says that all there was has been taken: without one nothing is known of how much that was.
  while (Date.now() - begun < ms || refusedAt === 0) {
    const verdict = await limiter.spend([{ policy, subjectId, cost: 1 }], new Date());
    if (verdict.allowed) allowed += 1;
    else refusedAt = Date.now();
    // What is decided at once must not keep the others from their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await Promise.all(Array.from({ length: atOnce }, client));
process.send({ allowed, refusedAt, begun, ended: Date.now(), store: limiter.stats().store });
limiter.onApplicationShutdown();
process.disconnect();
