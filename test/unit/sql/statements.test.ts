/** Every text of sql/ as Trino reads it. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sqlText } from '../../../infra/sql.ts';
import { type TrinoGrammar, trinoGrammar } from '../../support/trino-grammar.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../sql');
const FILES = globSync('**/*.sql', { cwd: FOLDER }).sort();
const textOf = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

let trino: TrinoGrammar;
beforeAll(async () => {
  trino = await trinoGrammar();
});

describe('the statements', () => {
  it.each(FILES)('%s are Trino', (file) => {
    expect(trino.errors(textOf(file))).toEqual([]);
  });

  it.each(FILES)('%s ends without a semicolon, which neither a view nor a prepared statement may have', (file) => {
    expect(sqlText(file.replace('.sql', ''))).not.toContain(';');
  });

  it.each(FILES)('%s has parameters in WHERE only, as many as its first line says', (file) => {
    const text = textOf(file);
    const [, said] = /^-- params: (.*)\n/.exec(text) ?? [];
    const expected = said === undefined ? 0 : said.split(', ').length;
    expect(trino.parameters(text)).toEqual(Array.from({ length: expected }, () => 'where'));
    if (file.startsWith('views')) expect(expected).toBe(0);
  });

  it('would be refused if they were DuckDB alone, or wrong', () => {
    for (const wrong of [
      'select a from t where where a = 1',
      'select a from',
      'select * exclude (a) from t',
      'select a from t qualify row_number() over () = 1',
      'with a as materialized (select 1) select * from a',
    ]) {
      expect([wrong, trino.errors(wrong).length]).not.toEqual([wrong, 0]);
    }
  });

  it('would be found out with a parameter elsewhere', () => {
    expect(trino.parameters('select ? from t where a = ? order by a limit ?')).toEqual(['elsewhere', 'where', 'elsewhere']);
    expect(trino.parameters('select a from t where a in (select ? from s)')).toEqual(['elsewhere']);
    expect(trino.parameters('select a from t join s on s.a = ? where t.b > cast(? as date)')).toEqual(['elsewhere', 'where']);
  });
});
