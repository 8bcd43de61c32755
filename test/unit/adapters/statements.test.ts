import type { BatchExecuteStatementCommand, BatchStatementResponse, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { executeAll, insertion, type Statement, update } from '#adapters/statements.ts';

const statementsOf = (count: number): Statement[] =>
  Array.from({ length: count }, (_, index) => ({ text: `s${index}`, parameters: [{ N: String(index) }] }));

/** A table that answers each statement by its text; remembers the requests and the pauses. */
function tableOf(answer: (text: string, request: number) => BatchStatementResponse) {
  const requests: string[][] = [];
  const pausesMs: number[] = [];
  const client = {
    async send({ input }: BatchExecuteStatementCommand) {
      const texts = input.Statements!.map(({ Statement: text }) => text!);
      requests.push(texts);
      return { Responses: texts.map((text) => answer(text, requests.length)) };
    },
  } as unknown as DynamoDBClient;
  const pause = async (ms: number) => void pausesMs.push(ms);
  return { client, pause, requests, pausesMs };
}

describe('statements in batches', () => {
  it('are all sent once, at most 25 a request, and the errors stand where their statements stood', async () => {
    const table = tableOf((text) => (['s3', 's27'].includes(text) ? { Error: { Code: 'ConditionalCheckFailed', Message: text } } : {}));
    const errors = await executeAll(table.client, statementsOf(51), table.pause);
    expect(table.requests.map(({ length }) => length)).toEqual([25, 25, 1]);
    expect(table.requests.flat()).toEqual(statementsOf(51).map(({ text }) => text));
    expect(errors.flatMap((error, index) => (error ? [[index, error.Message]] : []))).toEqual([
      [3, 's3'],
      [27, 's27'],
    ]);
    expect(await executeAll(table.client, [], table.pause)).toEqual([]);
  });

  it('that are throttled are sent again, alone and after growing pauses, and given up after five times', async () => {
    const table = tableOf((text, request) =>
      text === 's1' && request < 3
        ? { Error: { Code: 'ThrottlingError' } }
        : text === 's2'
          ? { Error: { Code: 'InternalServerError' } }
          : {},
    );
    const errors = await executeAll(table.client, statementsOf(4), table.pause);
    expect(table.requests).toEqual([['s0', 's1', 's2', 's3'], ['s1', 's2'], ['s1', 's2'], ['s2'], ['s2']]);
    expect(table.pausesMs).toEqual([...table.pausesMs].sort((a, b) => a - b));
    expect(new Set(table.pausesMs).size).toBe(4);
    expect(errors.map((error) => error?.Code ?? null)).toEqual([null, null, 'InternalServerError', null]);
  });

  it('say each attribute by its name, whatever the name, and pass every value as a parameter', () => {
    expect(insertion('t', { key: { S: 'k' }, state: { S: "'; DROP" } })).toEqual({
      text: `INSERT INTO "t" VALUE {'key': ?, 'state': ?}`,
      parameters: [{ S: 'k' }, { S: "'; DROP" }],
    });
    const change = {
      set: { state: { S: 's' }, version: { N: '2' } },
      remove: ['timerAt'],
      keys: { key: { S: 'k' } },
      condition: { attribute: 'version', operator: '=', value: { N: '1' } },
    } as const;
    expect(update('t', change)).toEqual({
      text: `UPDATE "t" SET "state" = ? SET "version" = ? REMOVE "timerAt" WHERE "key" = ? AND "version" = ?`,
      parameters: [{ S: 's' }, { N: '2' }, { S: 'k' }, { N: '1' }],
    });
  });
});
