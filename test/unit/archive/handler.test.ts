import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';

const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  DATA_BUCKET: 'data',
  ARCHIVE_INDEX_TABLE: 'archive-index',
  TRADES_STREAM: 'trades',
  READINGS_STREAM: 'readings',
  ALERTS_STREAM: 'alerts',
  SETTINGS: JSON.stringify(DEFAULT_SETTINGS),
};

beforeEach(() => {
  vi.resetModules();
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

function event(stream: string) {
  return { Records: [{ eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}` }] };
}

async function handle(value: unknown): Promise<void> {
  const { handler } = await import('../../../functions/archive/handler.ts');
  await handler(value as Parameters<typeof handler>[0]);
}

describe('archive handler', () => {
  it('has nothing to do for an event without records', async () => {
    await expect(handle({ Records: [] })).resolves.toBeUndefined();
  });

  it('fails for a stream it was not told about', async () => {
    await expect(handle(event('other'))).rejects.toThrow('none of trades, readings, alerts');
  });

  it.each(Object.keys(ENVIRONMENT).filter((name) => name !== 'AWS_REGION'))('fails at its start without %s', async (name) => {
    vi.stubEnv(name, '');
    await expect(handle({ Records: [] })).rejects.toThrow(`environment variables missing: ${name}`);
  });
});
