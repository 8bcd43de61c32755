import { describe, expect, it } from 'vitest';
import { readFrame } from '../../../feed/frame.ts';

function read(trade: object | string): unknown {
  return readFrame(`{"type":"trade","data":[${typeof trade === 'string' ? trade : JSON.stringify(trade)}]}`);
}

const GOOD = { s: 'BINANCE:BTCUSDT', p: 68000.5, t: 1680293940212, v: 0.00012 };

describe('A frame of the vendor', () => {
  it.each([{}, { c: null }, { c: [] }, { c: ['1', '8', '24', '12'] }, { v: 0 }, { p: -37.63 }])('is read with %j', (part) => {
    const trade = { ...GOOD, ...part };
    const { c, ...plain } = trade as typeof trade & { c?: unknown };
    const trades = [c === null ? plain : trade];
    expect(read(trade)).toEqual({ kind: 'trades', trades, refusals: [], size: 1 });
  });

  it('may be a ping or an error', () => {
    expect(readFrame('{"type":"ping"}')).toEqual({ kind: 'ping' });
    expect(readFrame('{"type":"error","msg":"Invalid symbol X"}')).toEqual({ kind: 'error', message: 'Invalid symbol X' });
    expect(readFrame('{"type":"error"}')).toEqual({ kind: 'error', message: 'nothing' });
  });

  it.each([
    ['"x"', 'BAD_FIELD'],
    ['null', 'BAD_FIELD'],
    [{ ...GOOD, s: 'a b' }, 'BAD_SYMBOL'],
    [{ ...GOOD, s: 'x'.repeat(65) }, 'BAD_SYMBOL'],
    [{ p: 1, t: 1, v: 1 }, 'BAD_SYMBOL'],
    [{ ...GOOD, p: '1' }, 'BAD_FIELD'],
    ['{"s":"A","p":1e999,"t":1,"v":1}', 'BAD_FIELD'],
    ['{"s":"A","p":1,"t":1,"v":1e999}', 'BAD_FIELD'],
    [{ ...GOOD, v: -1 }, 'BAD_FIELD'],
    [{ ...GOOD, v: null }, 'BAD_FIELD'],
    [{ ...GOOD, t: 1.5 }, 'BAD_FIELD'],
    [{ ...GOOD, t: '1' }, 'BAD_FIELD'],
    [{ ...GOOD, c: '1' }, 'BAD_FIELD'],
    [{ ...GOOD, c: [1] }, 'BAD_FIELD'],
    [{ ...GOOD, c: Array.from({ length: 65 }, () => '1') }, 'BAD_FIELD'],
    [{ ...GOOD, c: ['x'.repeat(17)] }, 'BAD_FIELD'],
  ])('has its trade %j refused', (trade, reason) => {
    expect(read(trade)).toMatchObject({ kind: 'trades', trades: [], refusals: [{ reason }], size: 1 });
  });

  it.each(['', '[]', 'null', '{}', '{"type":"trade"}', '{"type":"trade","data":{}}', '{"type":"trade","data":[NaN]}'])(
    'is refused whole when it is %j',
    (text) => {
      expect(readFrame(text).kind).toBe('refused');
    },
  );

  it('is told of in one bounded line', () => {
    const frame = readFrame(`{"type":"news","text":"a\\u0007"}\n\r${' '.repeat(500)}`);
    if (frame.kind !== 'refused') throw new Error('read it');
    expect(frame.refusal.detail).toMatch(/^[^\n\r]{201}$/);
  });
});
