/** The functions of IoT SQL that are run locally. */
import { randomUUID } from 'node:crypto';
import type { Scope } from './rule-message.ts';

/** undefined is IoT SQL's Undefined: dropped from the output. */
export type Expression = (scope: Scope) => unknown;

/** What stands between a function's parentheses: `*`, a literal, or (neither) an expression. */
export interface Argument {
  readonly isStar: boolean;
  readonly literal?: unknown;
}

interface LocalFunction {
  readonly usage: string;
  /** null: not with these arguments. */
  readonly compile: (args: readonly Argument[]) => Expression | null;
}

const withoutArguments = (usage: string, expression: Expression): LocalFunction => ({
  usage,
  compile: (args) => (args.length === 0 ? expression : null),
});

const FUNCTIONS: Readonly<Record<string, LocalFunction>> = {
  encode: {
    usage: "encode(*, 'base64')",
    // The bytes as they came: the payload need not be JSON, nor even text.
    compile: ([value, encoding, ...more]) =>
      value?.isStar && encoding?.literal === 'base64' && more.length === 0 ? (scope) => scope.bytes.toString('base64') : null,
  },
  topic: {
    usage: 'topic() or topic(n) with n from 1',
    compile([level, ...more]) {
      if (level === undefined) return ({ message }) => message.topic;
      const { literal } = level;
      if (more.length > 0 || typeof literal !== 'number' || !Number.isInteger(literal) || literal < 1) return null;
      return ({ message }) => levelOf(message.topic, literal);
    },
  },
  clientid: withoutArguments('clientid()', ({ message }) => message.clientId),
  timestamp: withoutArguments('timestamp()', ({ message }) => message.nowMs),
  traceid: withoutArguments('traceid()', ({ message }) => message.traceId),
  newuuid: withoutArguments('newuuid()', () => randomUUID()),
};

/** Level `number` of a topic, counted from 1; undefined behind the last. */
function levelOf(topic: string, number: number): string | undefined {
  let from = 0;
  for (let level = 1; ; level++) {
    const slash = topic.indexOf('/', from);
    if (level === number) return slash < 0 ? topic.slice(from) : topic.slice(from, slash);
    if (slash < 0) return undefined;
    from = slash + 1;
  }
}

/** Answers with a text, what is wrong, when the function is unknown or not run with these arguments. */
export function compileCall(name: string, args: readonly Argument[]): Expression | string {
  const known = Object.hasOwn(FUNCTIONS, name.toLowerCase()) ? FUNCTIONS[name.toLowerCase()] : undefined;
  if (!known) {
    const all = Object.values(FUNCTIONS).map(({ usage }) => usage);
    return `the function ${name}() is not run locally, only ${all.join(', ')} are`;
  }
  return known.compile(args) ?? `${name}() is not run locally with these arguments, only as ${known.usage}`;
}
