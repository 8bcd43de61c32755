/** Texts of any kind through the local Athena: what reads SQL here and what runs it must agree on where a text begins and ends. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoted } from '../../local/engines/sql-tokens.ts';
import { LocalAthena, WORKGROUP } from '../support/local-athena.ts';

let rig: LocalAthena;

beforeAll(async () => {
  rig = await LocalAthena.start();
});
afterAll(() => rig.stop());

/** What has a meaning to one lexer or another, and anything else. */
const PIECES = [
  "'",
  "''",
  '"',
  '\\',
  '$$',
  '/*',
  '*/',
  '--',
  '\n',
  ';',
  '?',
  '`',
  'e',
  ',',
  '\t',
  '\r',
  '€',
  '😀',
  '\u2028',
  '::',
  '%',
  '$1',
  '{',
  '#',
];
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join('')),
  )
  .map((value) => value.replaceAll('\0', ''));
const comment = text.map((value) => `/* ${value.replaceAll('*/', '')} */`).filter((value) => value.indexOf('*/') === value.length - 2);
const lineComment = text.map((value) => `-- ${value.replaceAll('\n', '')}\n`);

async function firstRow(query: string, parameters: readonly string[] = []): Promise<readonly (string | null)[] | undefined> {
  const id = rig.engine.start({ query, parameters, workGroup: WORKGROUP });
  const { state, reason } = await rig.engine.ended(id);
  expect([state, reason]).toEqual(['SUCCEEDED', undefined]);
  return (await rig.engine.results(id, 10)).rows[1];
}

describe('the local Athena', () => {
  it('gives back every text that a query holds, whatever its comments say', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, comment, lineComment, async (one, two, before, behind) => {
        const row = await firstRow(`select ${before}${quoted(one)}${behind} as "one",${quoted(two)}as two${before}`);
        expect(row).toEqual([one, two]);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('takes every text as a parameter, as nothing but a text', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        expect(await firstRow('select v from (select ? as x) a, (values (1)) t(v)'.replace('?', quoted(value)))).toEqual(['1']);
        expect(await firstRow(`select count(*) from (values (${quoted(value)})) t(v) where v = ?`, [quoted(value)])).toEqual(['1']);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('answers any soup of words with rows or with a reason', async () => {
    const words = fc.constantFrom(
      ...PIECES,
      ...[
        'select',
        'from',
        'where',
        '(',
        ')',
        '*',
        '1',
        "'a'",
        'with',
        'x',
        'as',
        '.',
        'in',
        'and',
        '"y"',
        'values',
        'union all',
        'order by',
        'limit',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 14 }), async (parts) => {
        let id: string;
        try {
          id = rig.engine.start({ query: `select 1 ${parts.join(' ')}`, workGroup: WORKGROUP });
        } catch (error) {
          expect((error as Error).name).toBe('InvalidRequestException');
          return;
        }
        const { state, reason } = await rig.engine.ended(id);
        expect(['SUCCEEDED', 'FAILED']).toContain(state);
        expect(reason ?? '').not.toMatch(/GENERIC_INTERNAL_ERROR|InternalFailure|TypeError/);
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});
