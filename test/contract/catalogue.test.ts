/** The catalogue of the template in the local Athena: every table and view answers with the columns it says, before anything is written. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AthenaEngine } from '../../local/engines/athena/engine.ts';
import { GlueCatalog, type TableInput } from '../../local/engines/glue/catalog.ts';
import { forgottenPartitions } from '../../local/engines/glue/partition-files.ts';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type Json, namesOfType, propertiesOf, readable, synthesize } from '../template/assembly.ts';

const synthesis = synthesize();
const DATABASE = 'tidemark_test';
const BUCKET = 'data-bucket';
const WORKGROUP = 'wg';

/** With names in the places of references. */
function resolved(value: Json): Json {
  if (Array.isArray(value)) return value.map(resolved);
  if (value === null || typeof value !== 'object') return value;
  if ('Fn::Join' in value) return readable(value).replace('DataBucket', BUCKET);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner)]));
}

const tables = namesOfType(synthesis, 'AWS::Glue::Table').map((name) => {
  return resolved(propertiesOf(synthesis, name)['TableInput']!) as unknown as TableInput;
});
const statements = namesOfType(synthesis, 'AWS::Athena::PreparedStatement').map((name) => propertiesOf(synthesis, name));

let folder: string;
let engine: AthenaEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-catalogue-'));
  const clock = new ManualClock(Date.UTC(2026, 0, 5));
  const s3 = new S3Engine({ folder: join(folder, 's3') });
  await s3.createBucket(BUCKET);
  const catalog = new GlueCatalog({ files: forgottenPartitions(), nowMs: () => clock.now() });
  catalog.createDatabase(DATABASE);
  for (const table of tables) catalog.createTable(DATABASE, table);
  engine = new AthenaEngine({ catalog, s3, clock, spillFolder: join(folder, 'spill') });
  const workGroup = { name: WORKGROUP, description: undefined, isEnabled: true, isEnforced: true, cutoffBytes: undefined };
  engine.createWorkGroup({ ...workGroup, outputLocation: `s3://${BUCKET}/athena-results/` });
  for (const { StatementName: name, QueryStatement: query } of statements) {
    engine.createPreparedStatement({ name: String(name), workGroup: WORKGROUP, query: String(query), description: undefined });
  }
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

/** The rows of an answer, the head first. Throws with Athena's reason. */
async function answer(query: string, parameters: readonly string[] = []): Promise<readonly (readonly (string | null)[])[]> {
  const { id, reason } = await engine.ended(engine.start({ query, parameters, database: DATABASE, workGroup: WORKGROUP }));
  if (reason !== undefined) throw new Error(reason);
  return (await engine.results(id, 100)).rows;
}

describe('the catalogue', () => {
  it.each(tables.map(({ Name }) => Name))('%s can be asked', async (name) => {
    const { StorageDescriptor, PartitionKeys = [] } = tables.find(({ Name }) => Name === name)!;
    const where = name === 'sensor_limits' ? ` where day = '2026-01-01' and gen = 'g'` : '';
    const [head, ...rows] = await answer(`select * from ${name}${where}`);
    expect(head).toEqual([...StorageDescriptor!.Columns!, ...PartitionKeys].map(({ Name }) => Name));
    // Before the first run of the batch all is the speed side, a line a source and day of the month.
    expect([...new Set(rows.map(([, , side]) => side))]).toEqual(name === 'published_lines' ? ['speed'] : []);
    expect(rows).toHaveLength(name === 'published_lines' ? 62 : 0);
  });

  it.each(statements.map(({ StatementName: name }) => String(name)))('%s can be executed with literals', async (name) => {
    const literals = ["'IBM'", "'2026-01-01'", "'2026-01-02'", '0', '0', "''", '1767225600000'];
    const [head, ...rows] = await answer(`execute ${name}`, literals);
    expect(head).toContain('event_ms');
    expect(rows).toEqual([]);
  });
});
