/** What a new user sees: simulated sources move on the page, an overheating sensor turns critical, its alert is in the stream and in S3. */
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { queryParquet, type RunningTidemark, startForTest } from '../support/runtime.ts';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';

interface Alert {
  readonly kind: string;
  readonly sensor_id: string;
  readonly severity: string;
  readonly alert_id: string;
}

describe('the page of a running Tidemark', () => {
  let running: RunningTidemark;
  let browser: TestBrowser;
  let opened: OpenedPage;
  beforeAll(async () => {
    [running, browser] = await Promise.all([startForTest({ simulate: true }), launchBrowser()]);
    opened = await browser.open(running.tidemark.url);
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
  });

  const text = (selector: string) => opened.page.locator(selector).innerText();
  const sensorRow = /sensor-\d+/;

  it('shows sensors and symbols within seconds, and their values move', async () => {
    await eventually(async () =>
      sensorRow.test(await text('#sensors-table')) && /BINANCE:BTCUSDT|AAPL/.test(await text('#symbols-table')) ? true : null,
    );
    const before = [await text('#sensors-table'), await text('#symbols-table')];
    await eventually(async () =>
      (await text('#sensors-table')) !== before[0] && (await text('#symbols-table')) !== before[1] ? true : null,
    );
  });

  it('shows what is pushed to it: a sensor changes more often than the page asks', async () => {
    const { page } = opened;
    await page.locator('#state[data-pushed="true"]').waitFor();
    const name = await text('#sensors-table tbody th >> nth=0');
    const row = `#sensors-table tbody tr:has(a[href="#/sensors/${name}"])`;
    const asked = () => opened.requests().filter((url) => url.includes('/v1/sensors?')).length;
    const before = asked();
    const seen = new Set<string>();
    await eventually(async () => (seen.add(await text(`${row} .temperature`)).size >= 3 + asked() - before ? true : null));
  });

  it('shows the overheating sensor as critical and first; its alert is in the stream and in S3', async () => {
    const critical = await eventually(async () => /^.*critical.*$/im.exec(await text('#sensors-table')), 90_000);
    expect(critical[0]).toMatch(/critical/i);
    const firstRow = await eventually(async () => {
      const row = await opened.page.locator('#sensors-table tbody tr').first().innerText();
      return /critical/i.test(row) ? row : null;
    });
    const sensor = sensorRow.exec(firstRow)![0];
    const isMine = (alert: Alert) => alert.kind === 'instant' && alert.sensor_id === sensor && alert.severity === 'CRITICAL';

    const alert = await eventually(async () => (await alertsOf(running)).find(isMine) ?? null);
    await eventually(async () => {
      const rows = await queryParquet(`select alert_id from read_parquet('${running.folder}/s3/data/alerts/instant/**/*.parquet')`).catch(
        () => [],
      );
      return rows.some(({ alert_id }) => alert_id === alert.alert_id) ? true : null;
    });
  }, 150_000);

  it('did all that without an error, a CSP violation or a request to another host', () => {
    expect(opened.problems()).toEqual([]);
  });
});

/** Everything in the alerts stream. */
async function alertsOf({ tidemark }: RunningTidemark): Promise<Alert[]> {
  const { aws, region } = tidemark.runtime;
  const kinesis = new KinesisClient({ endpoint: aws.kinesis, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  try {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: 'alerts', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator: ShardIterator!, Limit: 10_000 }));
    return Records.map(({ Data }) => JSON.parse(Buffer.from(Data!).toString()));
  } finally {
    kinesis.destroy();
  }
}
