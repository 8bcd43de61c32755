/** Child process of kinesis-engine.test.ts: appends to the stream in a folder until it is killed, or until the disk is full. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';

const [folder, mode] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: kinesis-writer.ts FOLDER [until-full]');
const failures: string[] = [];
const onFailure = ({ message }: Error) => void failures.push(message);
const engine = new KinesisEngine({ clock: REAL_CLOCK, folder, tailBytes: 0, onFailure });
const stream = await engine.createStream({ name: 's', shardCount: 1, retentionHours: 24 });

if (mode === 'until-full') await fillUp();
else for (let next = 0; ; next += 10) await appendAndAcknowledge(next);

/** Prints a sequence number only once its append was acknowledged. */
async function appendAndAcknowledge(from: number): Promise<void> {
  const entries = Array.from({ length: 10 }, (_, index) => ({ partitionKey: 'k', data: Buffer.from(`record ${from + index}`) }));
  const appended = await stream.append(entries);
  await new Promise((resolve) => process.stdout.write(appended.map(({ sequenceNumber }) => `${sequenceNumber}\n`).join(''), resolve));
}

async function fillUp(): Promise<void> {
  let appended = 0;
  let error = '';
  while (error === '') {
    try {
      appended += (await stream.append([{ partitionKey: 'k', data: Buffer.alloc(5000, 'x') }])).length;
    } catch (caught) {
      error = String(caught);
    }
  }
  const readBack = await stream.read('shardId-000000000000', null, { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
  const small = stream.append([{ partitionKey: 'k', data: Buffer.from('small') }]);
  const afterFailure = await small.then(() => 'kept', String);
  process.stdout.write(`${JSON.stringify({ error, appended, readBack: readBack.length, afterFailure, failures })}\n`);
}
