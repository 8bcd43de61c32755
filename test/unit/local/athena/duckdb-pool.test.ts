import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DuckDbPool } from '../../../../local/engines/athena/duckdb-pool.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'duckdb-')));
const folder = join(home, 'buckets');
let pool: DuckDbPool;

beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'inside'), 'twelve bytes');
  writeFileSync(join(home, 'outside'), 'secret');
  pool = new DuckDbPool({ folder, spillFolder: join(home, 'spill') });
});
afterAll(() => {
  pool.close();
  rmSync(home, { recursive: true });
});

describe('a DuckDB of the pool', () => {
  it.each([
    `select * from read_text('${home}/outside')`,
    `select * from read_text('${folder}/../outside')`,
    `select * from read_csv('${home}/outside')`,
    `copy (select 1) to '${home}/stolen.csv'`,
    `attach '${home}/stolen.db' as stolen`,
    "select * from 'https://127.0.0.1:1/x.parquet'",
    'install httpfs',
    'set enable_external_access = true',
    `set allowed_directories = ['${home}']`,
    "set temp_directory = '/'",
  ])('reaches nothing but the folder of the buckets, whatever it is told: %s', async (sql) => {
    await expect(pool.use((session) => session.run(sql))).rejects.toThrow(
      /Permission|locked|disabled by configuration|enabled while database is running/,
    );
  });

  it('counts what it reads of the folder, for each query anew', async () => {
    const bytes = () =>
      pool.use(async (session) => {
        await session.run(`select content from read_text('${folder}/inside')`);
        return session.bytesRead();
      });
    expect([await bytes(), await bytes()]).toEqual([12, 12]);
  });

  it('reckons as Trino does where one setting decides', async () => {
    const [row] = await pool.use((session) =>
      session.rows(`select 7 / 2 as quotient, cast(timestamp '2026-01-01 12:00:00' at time zone 'UTC' as varchar) as noon, array_agg(x order by x desc) as falling
        from (values (1), (null), (2)) t(x) group by all`),
    );
    expect(row).toMatchObject({ quotient: 3, noon: '2026-01-01 12:00:00+00' });
    expect(String(row?.['falling'])).toBe('[2, 1, NULL]');
  });

  it('is opened with the first query, and closed when nobody asks any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const own = new DuckDbPool({ folder, spillFolder: join(home, 'own-spill'), idleMs: 5000 });
      const ask = () => own.use((session) => session.run('select 1'));
      expect(own.openInstances).toBe(0);
      await Promise.all([ask(), ask(), ask()]);
      expect(own.openInstances).toBe(2);
      vi.advanceTimersByTime(4999);
      await ask();
      vi.advanceTimersByTime(1);
      expect(own.openInstances).toBe(1);
      vi.advanceTimersByTime(4999);
      expect(own.openInstances).toBe(0);
      await ask();
      own.close();
      expect(own.openInstances).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that cannot be opened lets nobody wait', async () => {
    const own = new DuckDbPool({ folder, spillFolder: join(folder, 'inside', 'no-folder'), instances: 1 });
    const asked = [1, 2, 3].map(() => own.use((session) => session.run('select 1')));
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('ends also when it was interrupted before it began', async () => {
    const long = 'select count(*) from range(40000) a(x), range(40000) b(y), range(1000) c(z) where x * y * z % 7 = 3';
    const ended = pool.use(async (session) => {
      session.interrupt();
      await session.run(long);
    });
    await expect(ended).rejects.toThrow(/interrupt/i);
  });
});
