import { describe, expect, it } from 'vitest';
import { compileRule, compileTemplate } from '../../../local/engines/iot/rule-sql.ts';
import { createTopicRule, type RuleAction } from '../../../local/engines/iot/topic-rule.ts';

const INGEST = `SELECT encode(*, 'base64') AS payload, 1 AS v, 'readings' AS type, topic(2) AS device_id, clientid() AS client_id, timestamp() AS ingest_ms, traceid() AS trace_id FROM 'dht22/+/telemetry'`;
const message = (payload: string | Uint8Array, topic = 'dht22/roof/telemetry') => ({
  topic,
  payload: Buffer.from(payload as string),
  clientId: 'roof',
  nowMs: 123,
  traceId: 't-1',
});

describe('the SQL of a topic rule', () => {
  it('wraps what a device published without changing a byte, JSON or not', () => {
    for (const bytes of ['{"temperature": 21.50 }', '{"temperature":NaN', new Uint8Array([0, 255, 10])]) {
      const selected = compileRule(INGEST).select(message(bytes))!;
      expect(selected).toMatchObject({ v: 1, type: 'readings', device_id: 'roof', client_id: 'roof', ingest_ms: 123, trace_id: 't-1' });
      expect(Buffer.from(String(selected['payload']), 'base64')).toEqual(Buffer.from(bytes as string));
    }
  });

  it.each([
    ['dht22/+/telemetry', 'dht22/a/telemetry', true],
    ['dht22/+/telemetry', 'dht22/a/b/telemetry', false],
    ['dht22/+/telemetry', 'dht22/a', false],
    ['dht22/#', 'dht22/a/b', true],
    ['dht22/#', 'other/a', false],
    ['#', 'x', true],
  ])('FROM %s takes %s: %s', (filter, topic, taken) => {
    expect(compileRule(`SELECT * FROM '${filter}'`).matches(topic)).toBe(taken);
  });

  it('selects fields and nested paths, drops what is undefined and keeps null', () => {
    const select = compileRule("SELECT a.b AS b, c, d, 'x''y' AS text FROM 't'").select(message('{"a":{"b":1},"c":null}'));
    expect(JSON.parse(JSON.stringify(select))).toEqual({ b: 1, c: null, text: "x'y" });
    expect(compileRule("SELECT *, 2 AS a FROM 't'").select(message('{"a":1,"z":3}'))).toEqual({ a: 2, z: 3 });
  });

  it.each([
    ['temperature > 30', true],
    ["temperature >= 30.5 AND sensor = 's'", true],
    ["temperature < 30 OR NOT sensor = 's'", false],
    ["sensor IN ('r', 's')", true],
    ["sensor <> 's'", false],
    ['missing > 1', false],
    ['sensor > 1', false],
    ["(temperature > 30 OR missing = 1) AND clientid() = 'roof'", true],
  ])('WHERE %s is %s', (where, taken) => {
    const selected = compileRule(`SELECT * FROM 't' WHERE ${where}`).select(message('{"temperature":30.5,"sensor":"s"}'));
    expect(selected !== undefined).toBe(taken);
  });

  it.each([
    ["SELECT get_thing_shadow('a') AS s FROM 't'", 'get_thing_shadow() at position 8'],
    ["SELECT encode(temperature, 'base64') AS s FROM 't'", 'expected *'],
    ["SELECT encode(*, 'hex') AS s FROM 't'", 'hex'],
    ["SELECT * FROM 't' GROUP BY x", 'unsupported clause at position 19'],
    ["SELECT 1 FROM 't'", 'expected AS'],
    ['SELECT * FROM topic', 'topic filter in quotes'],
    ["SELECT * FROM 'a/#/b'", '# stands alone'],
    ["SELECT a ; FROM 't'", 'unexpected ";"'],
  ])('refuses %s', (sql, text) => {
    expect(() => compileRule(sql)).toThrow(text);
  });

  it('substitutes templates from the message, not from the SELECT', () => {
    expect(compileTemplate('k-${topic(2)}-${clientid()}')(message('{}'))).toBe('k-roof-roof');
    expect(() => compileTemplate('${topic(2) x}')).toThrow('unsupported substitution template');
  });
});

describe('a topic rule', () => {
  const action = (deliver: RuleAction['deliver']): RuleAction => ({ action: 'KinesisAction', resource: 'readings', deliver });

  it('gives a message that an action did not take to the error action, as the documented document', async () => {
    const errors: unknown[] = [];
    const failing = action(() => Promise.reject(new Error('throttled')));
    const rule = createTopicRule(
      'r',
      INGEST,
      [failing],
      action(async (_message, bytes) => void errors.push(JSON.parse(bytes.toString()))),
    );
    await rule.run(message('{"a":1}'));
    expect(errors).toEqual([
      {
        ruleName: 'r',
        topic: 'dht22/roof/telemetry',
        cloudwatchTraceId: 't-1',
        clientId: 'roof',
        base64OriginalPayload: Buffer.from('{"a":1}').toString('base64'),
        failures: [{ failedAction: 'KinesisAction', failedResource: 'readings', errorMessage: 'Error: throttled' }],
      },
    ]);
  });

  it('fails when there is no error action, or it fails too: then nothing is acknowledged', async () => {
    const failing = action(() => Promise.reject(new Error('throttled')));
    await expect(createTopicRule('r', INGEST, [failing], null).run(message('{}'))).rejects.toThrow('throttled');
    await expect(createTopicRule('r', INGEST, [failing], failing).run(message('{}'))).rejects.toThrow('throttled');
  });
});
