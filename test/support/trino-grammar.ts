/** A grammar of Trino's SQL (dt-sql-parser). The package is made for bundlers, so it is bundled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrinoSQL } from 'dt-sql-parser';
import { buildSync } from 'esbuild';

/** Loads the grammar; the function it gives says what is wrong with a statement, nothing for a right one. */
export async function trinoGrammar(): Promise<(sql: string) => string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-trino-'));
  try {
    const outfile = path.join(folder, 'trino.mjs');
    const contents = "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';";
    buildSync({ stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, format: 'esm', platform: 'node', outfile });
    const grammar = new ((await import(pathToFileURL(outfile).href)) as { TrinoSQL: typeof TrinoSQL }).TrinoSQL();
    return (sql) => grammar.validate(sql).map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
