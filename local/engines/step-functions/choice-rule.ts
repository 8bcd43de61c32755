/** The rules of a Choice: which are run here, and how the library has to be told them. */
import { isList, isObject, type Json, type JsonObject } from '../../template/json.ts';

const TYPE_TESTS = ['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'];
const COMPARED = ['String', 'Numeric', 'Timestamp'];
const COMPARISONS = ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const OPERATORS = new Set([
  ...COMPARED.flatMap((type) => COMPARISONS.flatMap((comparison) => [`${type}${comparison}`, `${type}${comparison}Path`])),
  'StringMatches',
  'BooleanEquals',
  'BooleanEqualsPath',
  ...TYPE_TESTS,
]);

/** Throws for what the library would take for a rule that never matches. `where` names the state. */
export function checkRule(where: string, rule: Json): void {
  if (!isObject(rule)) throw new Error(`${where}: a rule of its Choices is no object`);
  const { Next: _, Comment: __, Variable: variable, ...test } = rule;
  const [operator, ...others] = Object.keys(test);
  if (operator === undefined) throw new Error(`${where}: a rule of its Choices compares nothing`);
  if (others.length > 0) throw new Error(`${where}: a rule with both ${operator} and ${others[0]} is not run locally`);
  const inner = test[operator]!;
  if ((operator === 'And' || operator === 'Or') && isList(inner)) for (const each of inner) checkRule(where, each);
  else if (operator === 'Not') checkRule(where, inner);
  else if (!OPERATORS.has(operator)) throw new Error(`${where}: ${operator} is not run locally`);
  else if (typeof variable !== 'string') throw new Error(`${where}: a rule of its Choices has no Variable`);
}

/** `IsPresent: false` never matches in the library, `Not` of `IsPresent: true` does. */
export function withoutNegativeTests(rule: Json): Json {
  if (!isObject(rule)) return rule;
  const { Next: next, ...test } = rule;
  const flow: JsonObject = next === undefined ? {} : { Next: next };
  for (const name of ['And', 'Or']) if (isList(test[name])) return { ...flow, [name]: test[name].map(withoutNegativeTests) };
  if (test['Not'] !== undefined) return { ...flow, Not: withoutNegativeTests(test['Not']) };
  const negative = TYPE_TESTS.find((name) => test[name] === false);
  return negative === undefined ? rule : { ...flow, Not: { ...test, [negative]: true } };
}
