import { describe, expect, it } from 'vitest';
import { checkProperties, Properties } from '../../../../local/resources/properties.ts';

describe('checking the properties of a resource', () => {
  const rules = { Name: true, Tags: 'no behaviour', Nested: { Deep: { Leaf: true } }, Items: { Id: true } } as const;
  const check = (properties: never) => () => checkProperties('Thing (Some::Type, stack S)', rules, properties);

  it('accepts what the rules name, also without effect and in lists', () => {
    check({ Name: 1, Tags: [{ anything: 1 }], Nested: { Deep: { Leaf: {} } }, Items: [{ Id: 1 }, { Id: 2 }] } as never)();
    check({ Items: [] } as never)();
  });

  it.each([
    [{ Colour: 1 }, 'Colour'],
    [{ Nested: { Deep: { Other: 1 } } }, 'Nested.Deep.Other'],
    [{ Items: [{ Id: 1 }, { Ids: 1 }] }, 'Items.Ids'],
  ])('fails on an unknown property, naming the resource and the path: %j', (properties, path) => {
    expect(check(properties as never)).toThrow(`Thing (Some::Type, stack S): the local runtime does not know the property ${path}`);
  });

  it('fails when an object is expected and none is there', () => {
    expect(check({ Nested: 'x' } as never)).toThrow('the property Nested is "x", not an object');
  });
});

describe('reading properties', () => {
  const read = (values: object): Properties => new Properties(values as never, 'Thing');

  it('takes numbers and flags also as texts, as CloudFormation does', () => {
    const properties = read({ a: 3, b: '4', c: true, d: 'false' });
    expect([properties.number('a'), properties.number('b'), properties.flag('c'), properties.flag('d'), properties.flag('e')]).toEqual([
      3,
      4,
      true,
      false,
      false,
    ]);
  });

  it('reads texts, maps, lists and objects', () => {
    const properties = read({ t: 'x', m: { a: 1, b: 'y' }, l: ['p', 'q'], o: { i: 1 }, os: [{ i: 2 }] });
    expect(properties.text('t')).toBe('x');
    expect(properties.optionalText('none')).toBeUndefined();
    expect(properties.optionalObject('none')).toBeUndefined();
    expect(properties.textMap('m')).toEqual({ a: '1', b: 'y' });
    expect(properties.texts('l')).toEqual(['p', 'q']);
    expect(properties.object('o').number('i')).toBe(1);
    expect(properties.objects('os').map((each) => each.number('i'))).toEqual([2]);
    expect([properties.list('none'), properties.textMap('none')]).toEqual([[], {}]);
  });

  it.each([
    ['an absent text', (p: Properties) => p.text('none'), 'Thing: none must be a text, not absent'],
    ['a text of a wrong type', (p: Properties) => p.text('n'), 'Thing: n must be a text, not 5'],
    ['a number that is none', (p: Properties) => p.number('t'), 'Thing: t must be a number, not "x"'],
    ['a flag that is none', (p: Properties) => p.flag('t'), 'Thing: t must be true or false, not "x"'],
    ['an absent object', (p: Properties) => p.object('none'), 'Thing: none must be an object, not absent'],
    ['an object inside that lacks a field', (p: Properties) => p.object('o').text('i'), 'Thing, o: i must be a text'],
    ['a list that is none', (p: Properties) => p.list('t'), 'Thing: t must be a list'],
    ['a list of other things', (p: Properties) => p.texts('l'), 'Thing: l must be a list of texts'],
    ['a map of other things', (p: Properties) => p.textMap('o2'), 'Thing: o2 must be a map of texts (k is none)'],
  ])('fails on %s', (_title, readIt, message) => {
    const properties = read({ n: 5, t: 'x', o: {}, l: [1], o2: { k: {} } });
    expect(() => readIt(properties)).toThrow(message);
  });
});
