import { describe, expect, it } from 'vitest';
import { readSql, render } from '../../../../local/engines/athena/sql-text.ts';
import { placeOf, SqlTextError, tokensOf } from '../../../../local/engines/sql-tokens.ts';

const kinds = (sql: string): string[] => tokensOf(sql).map(({ kind, value }) => `${kind} ${value}`);

describe('tokens of SQL', () => {
  it('are words, names, texts, numbers and symbols, with quotes undone', () => {
    expect(kinds(`Select "A""b", 'it''s', \`x\`, 1.5e-3, .5 <> ? FROM t`)).toEqual([
      'word select',
      'quoted A"b',
      'symbol ,',
      "string it's",
      'symbol ,',
      'backquoted x',
      'symbol ,',
      'number 1.5e-3',
      'symbol ,',
      'number .5',
      'symbol <>',
      'parameter ?',
      'word from',
      'word t',
    ]);
  });

  it('are nowhere in comments, and comments nowhere in texts', () => {
    expect(kinds(`a -- ? 'b'\n/* ? "c */ 'd -- e' "/* f */"`)).toEqual(['word a', 'string d -- e', 'quoted /* f */']);
    // Trino's comments do not nest: what follows the first end is read.
    expect(kinds('/* a /* b */ c')).toEqual(['word c']);
  });

  it.each([
    ["select 'open", 7, "unclosed '"],
    ['select "open', 7, 'unclosed "'],
    ['a /* open', 2, 'unclosed comment'],
    ['select $$a$$', 7, "mismatched input '$'"],
    ['a::int', 1, "mismatched input ':'"],
    ['{a: 1}', 0, "mismatched input '{'"],
    ['é', 0, "mismatched input 'é'"],
  ])('end where Trino does not go on: %s', (sql, offset, message) => {
    expect(() => tokensOf(sql)).toThrow(expect.objectContaining({ offset, message }));
    expect(() => tokensOf(sql)).toThrow(SqlTextError);
  });

  it('know their line and column', () => {
    expect([placeOf('a\nbc', 0), placeOf('a\nbc', 3), placeOf('abc', 3)]).toEqual(['line 1:1', 'line 2:2', 'line 1:4']);
  });
});

describe('a rendered text', () => {
  it('keeps lines and columns, with blanks for comments', () => {
    expect(render(readSql("a /* x\ny */ b -- c\n'd'"))).toBe("a     \n     b     \n'd'");
  });

  it('never makes another kind of text of a word and quotes that touch', () => {
    expect(render(readSql(`e'a\\' || x'00' || 1'b'`))).toBe(`e 'a\\' || x '00' || 1 'b'`);
  });

  it('takes replacements as they are', () => {
    expect(render(readSql('a=?'), ({ kind }) => (kind === 'parameter' ? "'?'" : undefined))).toBe("a='?'");
  });
});
