// Stands in for each service: ready at once, and just enough of the admin and data APIs for the demo to be made.
import { createServer } from 'node:http';

const { HOST, PORT, STAND_IN_HANGS, STAND_IN_STUBBORN } = process.env;
const id = () => Math.random().toString(16).slice(2).padEnd(24, '0').slice(0, 24);

function answer(path) {
  if (path === '/pid') return process.pid;
  if (path === '/environment') return process.env;
  if (path.includes('/imports'))
    return { id: id(), status: STAND_IN_HANGS ? 'running' : 'published', problemCounts: [] };
  if (path === '/v3.0/schools') return { data: [{ data: { id: id() } }, { data: { id: id() } }] };
  if (path === '/oauth/tokens') return { data: [{ access_token: `t_${id()}` }] };
  return { id: id(), name: 'N', clientId: 'c', clientSecret: 's', apiKey: 'k', token: `t_${id()}` };
}

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/crash') {
    console.error('the disk is full');
    process.exit(3);
  }
  request.resume().on('end', () => response.end(JSON.stringify(answer(path))));
});
server.listen(Number(PORT), HOST);
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => STAND_IN_STUBBORN || process.exit(0));
