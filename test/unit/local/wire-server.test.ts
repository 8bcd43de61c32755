import { once } from 'node:events';
import { request as http1Request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBody, startWireServer, type WireServer } from '../../../local/engines/wire-server.ts';

let server: WireServer;
/** How each body ended: its length, or why it broke off. */
let bodies: string[];

beforeEach(async () => {
  bodies = [];
  server = await startWireServer(0, async (request, response) => {
    try {
      const body = await readBody(request, 1000);
      bodies.push(body === null ? 'too long' : String(body.length));
    } catch (error) {
      bodies.push('broken off');
      throw error;
    }
    if (request.url === '/defect') throw new Error('defect');
    response.setHeader('x-version', request.httpVersion);
    response.end('answer');
  });
});
afterEach(() => server.close());

async function http1(path: string, body = ''): Promise<string> {
  const sent = http1Request(`${server.url}${path}`, { method: 'POST' });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return `${response.statusCode} HTTP/${response.headers['x-version']} ${text}`;
}

async function http2(path: string, body = ''): Promise<string> {
  const session = connectHttp2(server.url);
  const stream = session.request({ ':path': path, ':method': 'POST' });
  stream.end(body);
  const [headers] = await once(stream, 'response');
  let text = '';
  for await (const chunk of stream) text += chunk;
  session.destroy();
  return `${headers[':status']} HTTP/${headers['x-version']} ${text}`;
}

describe('one port', () => {
  it('answers HTTP/1.1 and HTTP/2', async () => {
    expect(await http1('/', 'abc')).toBe('200 HTTP/1.1 answer');
    expect(await http2('/', 'abc')).toBe('200 HTTP/2.0 answer');
    expect(bodies).toEqual(['3', '3']);
  });

  it('knows the protocol even when the first bytes come one by one', async () => {
    const { hostname, port } = new URL(server.url);
    for (const [opening, answer] of [
      ['PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 200'],
      ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0', '\0'],
    ] as const) {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      for (const byte of opening) {
        await new Promise((resolve) => socket.write(Buffer.from(byte, 'latin1'), resolve));
        await new Promise(setImmediate);
      }
      const [data] = await once(socket, 'data');
      expect((data as Buffer).toString('latin1').startsWith(answer)).toBe(true);
      socket.destroy();
    }
  });

  it('reads and forgets what is longer than allowed', async () => {
    expect(await http1('/', 'x'.repeat(100_000))).toBe('200 HTTP/1.1 answer');
    expect(await http2('/', 'x'.repeat(100_000))).toBe('200 HTTP/2.0 answer');
    expect(bodies).toEqual(['too long', 'too long']);
  });

  it('answers 500 for a defect and goes on', async () => {
    expect(await http1('/defect')).toMatch(/^500 .*defect/);
    expect(await http2('/defect')).toMatch(/^500 .*defect/);
    expect(await http1('/')).toMatch(/^200/);
  });

  it('survives clients that go away in the middle', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
    const session = connectHttp2(server.url);
    const stream = session.request({ ':path': '/', ':method': 'POST' });
    stream.on('error', () => undefined);
    session.on('error', () => undefined);
    stream.write('half', () => session.destroy(new Error('gone')));
    const silent = connect(Number(port), hostname);
    silent.write('P', () => silent.destroy());
    while (bodies.length < 2) await new Promise(setImmediate);
    expect(bodies).toEqual(['broken off', 'broken off']);
    expect(await http2('/')).toMatch(/^200/);
  });

  it('refuses a host that is not the loopback', async () => {
    const sent = http1Request(server.url, { headers: { host: 'rebound.example' } });
    sent.end();
    const [response] = await once(sent, 'response');
    response.resume();
    expect(response.statusCode).toBe(403);
    const session = connectHttp2(server.url);
    const stream = session.request({ ':path': '/', ':authority': 'rebound.example' });
    stream.resume();
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(403);
    session.destroy();
    expect(bodies).toEqual([]);
  });

  it('is closed at once, though connections are open', async () => {
    const session = connectHttp2(server.url);
    session.on('error', () => undefined);
    await once(session, 'remoteSettings');
    const closed = once(session, 'close');
    await server.close();
    await closed;
  });
});
