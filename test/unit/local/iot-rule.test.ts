import { describe, expect, it } from 'vitest';
import { RuleEvaluationError } from '../../../local/engines/iot/rule-message.ts';
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
      const selected = compileRule(INGEST).select(message(bytes)) as Record<string, unknown>;
      expect(selected).toMatchObject({ v: 1, type: 'readings', device_id: 'roof', client_id: 'roof', ingest_ms: 123, trace_id: 't-1' });
      expect(Buffer.from(String(selected['payload']), 'base64')).toEqual(Buffer.from(bytes as string));
    }
  });

  it.each([
    ['dht22/+/telemetry', 'dht22/a/telemetry', true],
    ['dht22/+/telemetry', 'dht22/a/b/telemetry', false],
    ['dht22/+/telemetry', 'dht22/a', false],
    ['dht22/#', 'dht22/a/b', true],
    ['dht22/#', 'dht22', true],
    ['dht22/#', 'other/a', false],
    ['dht22/+', 'dht22/', true],
    ['#', 'x', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
  ])('FROM %s takes %s: %s', (filter, topic, taken) => {
    expect(compileRule(`SELECT * FROM '${filter}'`).matches(topic)).toBe(taken);
  });

  it('selects fields and nested paths, drops what is undefined and keeps null', () => {
    const select = compileRule("SELECT a.b AS b, c, d, 'x''y' AS text FROM 't'").select(message('{"a":{"b":1},"c":null}'));
    expect(select).toStrictEqual({ b: 1, c: null, text: "x'y" });
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
    ["(temperature > 30 OR clientid() = 'x') AND clientid() = 'roof'", true],
    // Undefined is neither true nor false, and NOT does not make it true.
    ['temperature > 30 OR missing = 1', false],
    ['NOT missing = 1', false],
    ['missing <> 1', false],
    ["temperature = '30.50'", true],
    ["temperature < '40'", true],
    ["'b' > 'a'", false],
    ['nothing = NULL', true],
    ['temperature = TRUE', false],
    ["'TRUE'", true],
    ["list = [1, 'two']", true],
    ["sensor IN ['r', 's']", true],
    ["'two' IN list", true],
    ["'two' IN sensor", false],
    ["sensor IN ('r', 't')", false],
    ['nested.deep.value = -1.5e1', true],
    ['nested.constructor <> 1', false],
    ['topic(3) = topic(2)', false],
    ["topic(2) = 'roof' AND NOT topic(1) = 'roof'", true],
  ])('WHERE %s is %s', (where, taken) => {
    const selected = compileRule(`SELECT * FROM 't' WHERE ${where}`).select(
      message('{"temperature":30.5,"sensor":"s","nothing":null,"list":[1,"two"],"nested":{"deep":{"value":-15}}}'),
    );
    expect(selected !== undefined).toBe(taken);
  });

  it.each([
    ["SELECT get_thing_shadow('a') AS s FROM 't'", 'get_thing_shadow() is not run locally', 8],
    ["SELECT encode(temperature, 'base64') AS s FROM 't'", "only as encode(*, 'base64')", 8],
    ["SELECT encode(*, 'hex') AS s FROM 't'", "only as encode(*, 'base64')", 8],
    ["SELECT topic(0) AS t FROM 't'", 'topic(n) with n from 1', 8],
    ["SELECT timestamp(1) AS t FROM 't'", 'only as timestamp()', 8],
    ["SELECT * FROM 't' GROUP BY x", 'GROUP is not run locally here', 19],
    ["SELECT 1 FROM 't'", 'needs AS and a name', 8],
    ["SELECT a.b FROM 't'", 'needs AS and a name', 8],
    ["SELECT VALUE a FROM 't'", 'VALUE is not run locally here', 8],
    ["SELECT CASE a WHEN 1 THEN 2 END AS c FROM 't'", 'CASE is not run locally here', 8],
    ["SELECT a + 1 AS b FROM 't'", 'the operator + is not run locally', 10],
    ["SELECT a || 'x' AS b FROM 't'", 'the operator || is not run locally', 10],
    ["SELECT - a AS b FROM 't'", 'the operator - is not run locally', 8],
    ["SELECT a[0] AS b FROM 't'", 'the operator [ is not run locally', 9],
    ["SELECT (SELECT b FROM a) AS b FROM 't'", 'SELECT is not run locally here', 9],
    ["SELECT * FROM 't' WHERE a LIKE 'x'", 'LIKE is not run locally here', 27],
    ["SELECT * FROM 't' WHERE", 'expected a value, found the end', 24],
    ["SELECT *, FROM 't'", 'FROM is not run locally here', 11],
    ['SELECT * FROM topic', 'topic filter in single quotes', 15],
    ["SELECT * FROM 'a/#/b'", '# stands alone', 15],
    ["SELECT * FROM 'a+/b'", '+ stands alone', 15],
    ["SELECT a ; FROM 't'", 'the character ;', 10],
    ["SELECT 'a FROM t", 'without its closing quote', 8],
    ['UPDATE t', 'expected SELECT', 1],
  ])('refuses %s, saying where', (sql, text, at) => {
    expect(() => compileRule(sql)).toThrow(text);
    expect(() => compileRule(sql)).toThrow(`at position ${at} of`);
  });

  it('without FROM takes no topic: such a rule is for Basic Ingest', () => {
    const rule = compileRule('SELECT * WHERE a = 1');
    expect(rule.matches('')).toBe(false);
    expect(rule.select(message('{"a":1}'))).toEqual({ a: 1 });
  });

  it('passes what is no JSON on byte by byte where * is all that is selected, and has no result where it needs JSON', () => {
    const bytes = Buffer.from([0, 255, 10]);
    expect(compileRule("SELECT * FROM 't'").select(message(bytes))).toEqual(bytes);
    for (const sql of ["SELECT *, 1 AS v FROM 't'", "SELECT a FROM 't'", "SELECT * FROM 't' WHERE a = 1"]) {
      expect(() => compileRule(sql).select(message(bytes))).toThrow(RuleEvaluationError);
    }
    expect(() => compileRule("SELECT *, 1 AS v FROM 't'").select(message('[1]'))).toThrow(RuleEvaluationError);
  });

  it('lets a later item replace an earlier one, and a payload no prototype', () => {
    const selected = compileRule("SELECT *, topic(2) AS device_id FROM 't'").select(message('{"device_id":"forged","__proto__":{"x":1}}'));
    expect(selected).toHaveProperty('device_id', 'roof');
    expect(Object.getPrototypeOf(selected)).toBe(Object.prototype);
    expect(JSON.stringify(selected)).toContain('"__proto__":{"x":1}');
  });

  it('gives a fresh UUID at each call of newuuid()', () => {
    const template = compileTemplate('${newuuid()}');
    expect(template(message(''))).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(template(message(''))).not.toBe(template(message('')));
  });

  it('substitutes templates from the message, not from the SELECT', () => {
    expect(compileTemplate('k-${topic(2)}-${clientid()}')(message('{}'))).toBe('k-roof-roof');
    expect(compileTemplate("${nested.a}/${'}'}/plain $")(message('{"nested":{"a":1}}'))).toBe('1/}/plain $');
    expect(() => compileTemplate('${topic(2) x}')).toThrow('x is not run locally here, at position 10');
    expect(() => compileTemplate('${topic(9)}')(message('{}'))).toThrow('${topic(9)} is Undefined');
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
        failures: [{ failedAction: 'KinesisAction', failedResource: 'readings', errorMessage: 'throttled' }],
      },
    ]);
  });

  it('fails when there is no error action, or it fails too: then nothing is acknowledged', async () => {
    const failing = action(() => Promise.reject(new Error('throttled')));
    await expect(createTopicRule('r', INGEST, [failing], null).run(message('{}'))).rejects.toThrow('throttled');
    await expect(createTopicRule('r', INGEST, [failing], failing).run(message('{}'))).rejects.toThrow('throttled');
  });

  it('runs no action when WHERE says no, and neither action nor error action when the SQL has no result', async () => {
    const touched: string[] = [];
    const rule = createTopicRule(
      'r',
      "SELECT a FROM 't' WHERE a > 1",
      [action(async () => void touched.push('action'))],
      action(async () => void touched.push('error action')),
    );
    await rule.run(message('{"a":1}'));
    await expect(rule.run(message('no JSON'))).rejects.toThrow(RuleEvaluationError);
    expect(touched).toEqual([]);
  });

  it('counts what an action throws at once as its failure', async () => {
    const throwing = action(() => {
      throw new Error('bad template');
    });
    await expect(createTopicRule('r', INGEST, [throwing], null).run(message('{}'))).rejects.toThrow('KinesisAction readings: bad template');
  });
});
