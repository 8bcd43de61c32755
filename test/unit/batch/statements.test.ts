import { describe, expect, it } from 'vitest';
import { queryOf, StatementError, unloaded } from '../../../functions/batch/statements.ts';

const GENERATION = { source: 'trades', day: '2013-10-08', gen: 'run-1' } as const;
const VALUES = { 'first arrival day': '2013-10-08', 'last arrival day': '2013-10-10', 'event day': '2013-10-08', generation: "it's" };
const TEXT = '-- params: event day, first arrival day, generation, event day\n-- What it is.\nselect 1\n  -- why\nfrom t where a = ?\n';

describe('a statement of a generation', () => {
  it('has its parameters in the order its first line names them, as SQL literals', () => {
    const { text, parameters } = queryOf('check', TEXT, GENERATION, VALUES);
    expect(parameters).toEqual(["'2013-10-08'", "'2013-10-08'", "'it''s'", "'2013-10-08'"]);
    expect(text).toBe('select 1\nfrom t where a = ?');
  });

  it('has one token, and another one in another step, day, source or generation', () => {
    const token = (step: string, change: object = {}) => queryOf(step, TEXT, { ...GENERATION, ...change }, VALUES).token;
    expect(token('check')).toBe(token('check'));
    expect(token('check')).toMatch(/^[0-9a-f]{64}$/);
    const others = [
      token('check'),
      token('x'),
      token('check', { day: '2013-10-09' }),
      token('check', { gen: 'run-2' }),
      token('check', { source: 'readings' }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('is written as Parquet below a location', () => {
    const query = unloaded(queryOf('x', TEXT, GENERATION, VALUES), 's3://data/curated/trades/day=2013-10-08/gen=run-1/');
    expect(query.text).toBe(
      "UNLOAD (\nselect 1\nfrom t where a = ?\n) TO 's3://data/curated/trades/day=2013-10-08/gen=run-1/' WITH (format = 'PARQUET', compression = 'ZSTD')",
    );
  });

  it('must name its parameters, and known ones', () => {
    expect(() => queryOf('x', 'select 1', GENERATION, VALUES)).toThrow(StatementError);
    expect(() => queryOf('x', '-- params: day\nselect 1', GENERATION, VALUES)).toThrow('no parameter is called "day"');
  });
});
