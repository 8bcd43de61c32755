/** The shapes of CloudFormation's intrinsic functions, shared by what resolves them and what follows their references. */
import { isList, isObject, type Json } from './json.ts';

/** The function and its argument when `value` is a call of one (`{"Ref": …}`, `{"Fn::…": …}`), else undefined. */
export function callOf(value: Json): { name: string; argument: Json } | undefined {
  if (!isObject(value)) return undefined;
  const names = Object.keys(value);
  const name = names[0];
  if (names.length !== 1 || name === undefined || (name !== 'Ref' && !name.startsWith('Fn::'))) return undefined;
  return { name, argument: value[name] as Json };
}

/** `[logicalId, attribute]` of a GetAtt argument in either notation. */
export function attributeOf(argument: Json): { logicalId: string; attribute: string } {
  if (isList(argument) && typeof argument[0] === 'string' && typeof argument[1] === 'string' && argument.length === 2) {
    return { logicalId: argument[0], attribute: argument[1] };
  }
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return { logicalId: argument.slice(0, dot), attribute: argument.slice(dot + 1) };
  }
  throw new Error(`Fn::GetAtt wants [logicalId, attribute], not ${JSON.stringify(argument)}`);
}

/** One piece of a Fn::Sub text: literal text, or the name between `${` and `}`. */
export type SubPart = { readonly text: string } | { readonly name: string };

/** The pieces of a Fn::Sub argument and its own variables. `${!x}` is the literal `${x}`. */
export function subParts(argument: Json): { parts: SubPart[]; variables: Readonly<Record<string, Json>> } {
  const text = isList(argument) ? argument[0] : argument;
  const variables = isList(argument) ? argument[1] : {};
  if (typeof text !== 'string' || !isObject(variables))
    throw new Error(`Fn::Sub wants a text or [text, variables], not ${JSON.stringify(argument)}`);
  const parts: SubPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{(!?)([^}]*)\}/g)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push(match[1] ? { text: `\${${match[2]}}` } : { name: String(match[2]).trim() });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return { parts, variables };
}
