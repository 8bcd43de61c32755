import type { AthenaClient } from '@aws-sdk/client-athena';
import { describe, expect, it } from 'vitest';
import { AthenaStatements, QueryRefusedError, QueryTimeoutError, QueryTooLargeError, textLiteral } from '#adapters/athena-statements.ts';

type Sent = { readonly name: string; readonly input: Record<string, unknown> };

/** Athena as its documentation tells: answers of each call in turn, the last one again and again. */
function athena(answers: Record<string, (object | Error)[]>) {
  const sent: Sent[] = [];
  const pauses: number[] = [];
  let nowMs = 0;
  const client = {
    async send({ constructor: { name }, input }: { constructor: { name: string }; input: Record<string, unknown> }) {
      sent.push({ name, input });
      const [answer] = answers[name]!.length > 1 ? answers[name]!.splice(0, 1) : answers[name]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as AthenaClient;
  const pause = async (ms: number) => {
    pauses.push(ms);
    nowMs += ms;
  };
  let clients = 0;
  const statements = new AthenaStatements(
    { workGroup: 'tidemark-x', database: 'tidemark_x', timeoutMs: 20_000 },
    { nowMs: () => nowMs, pause },
    () => {
      clients++;
      return client;
    },
  );
  return { statements, sent, pauses, clients: () => clients, names: () => sent.map(({ name }) => name) };
}

const STARTED = { QueryExecutionId: 'q1' };
const state = (State: string, StateChangeReason?: string, DataScannedInBytes?: number) => ({
  QueryExecution: { Status: { State, StateChangeReason }, Statistics: { DataScannedInBytes } },
});
const row = (...values: (string | null)[]) => ({ Data: values.map((VarCharValue) => (VarCharValue === null ? {} : { VarCharValue })) });
const page = (rows: object[], NextToken?: string) => ({
  ResultSet: { Rows: rows, ResultSetMetadata: { ColumnInfo: [{ Name: 'a' }, { Name: 'b' }] } },
  NextToken,
});

describe('a prepared statement', () => {
  it('is executed with its parameters in the workgroup, waited for, and its rows named', async () => {
    const { statements, sent, pauses } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('QUEUED'), state('RUNNING'), state('SUCCEEDED')],
      GetQueryResultsCommand: [page([row('a', 'b'), row('1', null), row('', 'y')])],
    });
    expect(await statements.rows('trade_history', ["'IBM'", '5'], 10)).toEqual([
      { a: '1', b: null },
      { a: '', b: 'y' },
    ]);
    expect(sent[0]!.input).toEqual({
      QueryString: 'EXECUTE trade_history',
      ExecutionParameters: ["'IBM'", '5'],
      WorkGroup: 'tidemark-x',
      QueryExecutionContext: { Database: 'tidemark_x' },
    });
    expect(pauses).toEqual([50, 75]);
  });

  it('gives no more rows than asked for, over as many pages as it takes', async () => {
    const { statements, sent } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('SUCCEEDED')],
      GetQueryResultsCommand: [page([row('a', 'b'), row('1', '1')], 't1'), page([row('2', '2')], 't2'), page([row('3', '3')], 't3')],
    });
    expect(await statements.rows('s', [], 2)).toEqual([
      { a: '1', b: '1' },
      { a: '2', b: '2' },
    ]);
    const asked = sent
      .filter(({ name }) => name === 'GetQueryResultsCommand')
      .map(({ input }) => [input['MaxResults'], input['NextToken']]);
    expect(asked).toEqual([
      [3, undefined],
      [1, 't1'],
    ]);
  });

  it('never asks for more than a thousand rows at once, the head included', async () => {
    const { statements, sent } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('SUCCEEDED')],
      GetQueryResultsCommand: [page([row('a', 'b')])],
    });
    expect(await statements.rows('s', [], 1001)).toEqual([]);
    expect(sent.at(-1)!.input['MaxResults']).toBe(1000);
  });

  it('is stopped when it takes too long', async () => {
    const { statements, names, pauses } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('RUNNING')],
      StopQueryExecutionCommand: [{}],
    });
    await expect(statements.rows('s', [], 1)).rejects.toThrow(QueryTimeoutError);
    expect(names().at(-1)).toBe('StopQueryExecutionCommand');
    const waited = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(19_000);
    expect(waited).toBeLessThanOrEqual(20_000);
  });

  it('that reads more than the workgroup allows says how much it had read', async () => {
    const { statements } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('CANCELLED', 'Bytes scanned limit was exceeded', 10_000_001)],
    });
    const failure = await statements.rows('s', [], 1).catch((error) => error);
    expect(failure).toBeInstanceOf(QueryTooLargeError);
    expect(failure.scannedBytes).toBe(10_000_001);
  });

  it.each([
    [
      'at its start',
      { StartQueryExecutionCommand: [Object.assign(new Error('WorkGroup is disabled.'), { name: 'InvalidRequestException' })] },
    ],
    ['later', { StartQueryExecutionCommand: [STARTED], GetQueryExecutionCommand: [state('FAILED', 'WorkGroup is disabled.')] }],
  ])('that is refused %s says why', async (_, answers) => {
    const failure = await athena(answers)
      .statements.rows('s', [], 1)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(QueryRefusedError);
    expect(failure.message).toBe('WorkGroup is disabled.');
  });

  it('hands on what may succeed a little later', async () => {
    const throttled = Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException' });
    await expect(athena({ StartQueryExecutionCommand: [throttled] }).statements.rows('s', [], 1)).rejects.toBe(throttled);
  });

  it('makes its client once, when it is needed', async () => {
    const { statements, clients } = athena({
      StartQueryExecutionCommand: [STARTED],
      GetQueryExecutionCommand: [state('SUCCEEDED')],
      GetQueryResultsCommand: [page([row('a', 'b')])],
    });
    expect(clients()).toBe(0);
    await statements.rows('s', [], 1);
    await statements.rows('s', [], 1);
    expect(clients()).toBe(1);
  });
});

describe('a text literal', () => {
  it.each([
    ['IBM', "'IBM'"],
    ["O'Hara", "'O''Hara'"],
    ["' or 1=1 --", "''' or 1=1 --'"],
    ['', "''"],
  ])('of %s is %s', (text, literal) => {
    expect(textLiteral(text)).toBe(literal);
  });
});
