import type { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { type AlarmState, newKeyState } from '#domain/key-state.ts';
import type { AlarmOutput } from '#domain/outputs.ts';
import { writerOn } from '../../support/speed.ts';

/** The alarm of a rule as its transition number `revision` leaves it: HIGH by odd ones, NORMAL again by even ones. */
function transition(rule: AlarmOutput['rule'], revision: number): AlarmOutput {
  const isHigh = revision % 2 === 1;
  const alarm: AlarmState = {
    state: isHigh ? 'ACTIVE' : 'NORMAL',
    severity: isHigh ? 'HIGH' : 'NORMAL',
    revision,
    sinceMs: revision * 1000,
    changedMs: revision * 1000,
    value: isHigh ? 31 : 29,
    threshold: 30,
  };
  return { type: 'alarm', rule, previousSeverity: isHigh ? 'NORMAL' : 'HIGH', alarm };
}

/** Which parameter of a statement the first mention of an attribute stands for. */
function placeOf(statement: string, attribute: string): number {
  return statement.slice(0, new RegExp(`['"]${attribute}['"]`).exec(statement)!.index).split('?').length - 1;
}

/** Emits the outputs of one sensor; answers with the rows put, as `<alarm> <record> <revision>`, and the ids of the alerts. */
async function emitted(outputs: readonly AlarmOutput[]): Promise<{ rows: string[]; alerts: string[] }> {
  const rows: string[] = [];
  const alerts: string[] = [];
  const dynamo = {
    async send({ input }: BatchExecuteStatementCommand) {
      for (const { Statement, Parameters } of input.Statements!) {
        const parameterOf = (name: string) => Parameters![placeOf(Statement!, name)]!;
        rows.push(`${parameterOf('alarmId').S} ${parameterOf('record').S} ${parameterOf('revision').N}`);
      }
      return { Responses: input.Statements!.map(() => ({})) };
    },
  };
  const kinesis = {
    async send({ input }: PutRecordsCommand) {
      for (const { Data } of input.Records!) alerts.push(JSON.parse(Buffer.from(Data!).toString()).alert_id);
      return { Records: input.Records!.map(() => ({})) };
    },
  };
  const clients = [dynamo as unknown as DynamoDBClient, kinesis as unknown as KinesisClient] as const;
  await writerOn(...clients, () => 0).emit([{ state: newKeyState('readings', 'hall'), outputs }]);
  return { rows, alerts };
}

describe('the transitions of one commit', () => {
  it('share an item of the history and are each in the stream, in their order', async () => {
    const { rows, alerts } = await emitted([1, 2, 3].map((revision) => transition('temperature-instant', revision)));
    expect(rows.filter((row) => row.includes(' t#'))).toEqual(['hall:temperature-instant t#000000000001 1']);
    expect(alerts).toEqual([1, 2, 3].map((revision) => `hall:temperature-instant#${revision}`));
  });

  it('move the current row of each alarm once, to the newest of them', async () => {
    const outputs = [
      transition('temperature-instant', 4),
      transition('temperature-average', 1),
      transition('temperature-instant', 5),
      transition('temperature-instant', 6),
    ];
    const { rows } = await emitted(outputs);
    expect(rows.filter((row) => row.includes(' current ')).sort()).toEqual([
      'hall:temperature-average current 1',
      'hall:temperature-instant current 6',
    ]);
  });
});
