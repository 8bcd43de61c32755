/** Worker thread of dynamodb.ts: dynalite on a free port of 127.0.0.1, its data in memory or in a folder. */
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;
const { path } = workerData as { path: string | null };
const server = dynalite({ createTableMs: 0, ...(path !== null && { path }) });

// dynalite answers any web page (it allows every origin); a page in a browser has no business here.
const [handle] = server.listeners('request');
server.removeAllListeners('request');
server.on('request', (request, response) => {
  if (request.headers.origin !== undefined || !LOOPBACK_HOST.test(request.headers.host ?? '')) {
    response.writeHead(403).end('This endpoint answers to programs on 127.0.0.1 only.\n');
    return;
  }
  handle?.call(server, request, response);
});
server.keepAliveTimeout = 120_000;

// dynalite throws what a client's broken connection reports; that concerns this client only. Anything else ends the worker.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return;
  parentPort?.postMessage({ failed: error.stack ?? String(error) });
  process.exit(1);
});

parentPort?.on('message', () => {
  server.close((error) => {
    parentPort?.postMessage(error ? { failed: String(error) } : { closed: true });
    parentPort?.close();
  });
  server.closeAllConnections();
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage({ port: (server.address() as AddressInfo).port }));
