/** A grammar of Trino's SQL (dt-sql-parser). The package is made for bundlers, so it is bundled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrinoSQL } from 'dt-sql-parser';
import { buildSync } from 'esbuild';

export interface TrinoGrammar {
  /** What is wrong with a statement, by line and column; nothing with a right one. */
  readonly errors: (sql: string) => string[];
  /** Where each `?` stands, in order: in the WHERE clause of its own query, or elsewhere. */
  readonly parameters: (sql: string) => ('where' | 'elsewhere')[];
}

export async function trinoGrammar(): Promise<TrinoGrammar> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-trino-'));
  try {
    const outfile = path.join(folder, 'trino.mjs');
    const contents = "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';";
    // Names of classes are kept: they are the names of the grammar's rules.
    buildSync({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'node',
      keepNames: true,
      outfile,
    });
    const grammar = new ((await import(pathToFileURL(outfile).href)) as { TrinoSQL: typeof TrinoSQL }).TrinoSQL();
    return {
      errors: (sql) => grammar.validate(sql).map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`),
      parameters: (sql) => parametersIn(grammar.parse(sql) as Rule, 'elsewhere'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Rule {
  getText(): string;
  readonly children?: readonly Rule[] | null;
}

function parametersIn(rule: Rule, around: 'where' | 'elsewhere'): ('where' | 'elsewhere')[] {
  const name = rule.constructor.name;
  const parts = rule.children ?? [];
  if (parts.length === 0) return rule.getText() === '?' ? [around] : [];
  const inside = name === 'WhereClauseContext' ? 'where' : name === 'QuerySpecificationContext' ? 'elsewhere' : around;
  return parts.flatMap((part) => parametersIn(part, inside));
}
