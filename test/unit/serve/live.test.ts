/** Where to hear what changes: an address for one client, which nobody may keep. */
import { describe, expect, it } from 'vitest';
import { askerOf, MemorySpeed } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const SECRET = 'ws://127.0.0.1:1/mqtt?X-Amz-Signature=5ecret';

describe('GET /v1/live', () => {
  it('gives the address, who to be there, until when, and the topics', async () => {
    const { serving } = new MemorySpeed(NOW);
    const live = { issue: async () => ({ url: SECRET, clientId: 'live-7', expiresMs: NOW + 900_000 }) };
    const { status, body } = await askerOf({ ...serving, live })('/v1/live');
    expect([status, body.data]).toEqual([
      200,
      {
        url: SECRET,
        protocol: 'mqtt',
        expires_at: '2026-06-01T12:15:00.000Z',
        client_id: 'live-7',
        topics: { symbols: 'live/symbols/<key>', sensors: 'live/sensors/<key>', alarms: 'live/alarms/<key>' },
      },
    ]);
  });

  it('may be kept by no cache: it has no tag, and none is compared', async () => {
    const { headers } = await askerOf(new MemorySpeed(NOW).serving)('/v1/live');
    expect([headers['cache-control'], headers['etag']]).toEqual(['no-store', undefined]);
    expect((await askerOf(new MemorySpeed(NOW).serving)('/v1/live', { headers: { 'if-none-match': '*' } })).status).toBe(200);
  });

  it('logs a failure without a word of any address', async () => {
    const { serving } = new MemorySpeed(NOW);
    const log: string[] = [];
    const live = { issue: () => Promise.reject(Object.assign(new Error('not authorized to assume the role'), { name: 'AccessDenied' })) };
    const { status } = await askerOf({ ...serving, live }, (line) => log.push(line))('/v1/live');
    expect([status, log.length]).toEqual([500, 1]);
    expect(log.join()).not.toMatch(/X-Amz|wss?:/);
  });
});
