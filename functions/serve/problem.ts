/** Problem documents (RFC 9457): what went wrong, for a program by `type`, for a person by `detail`. */

const MAX_VALUE_SHOWN = 200;
const TITLES = {
  'bad-parameter': 'A parameter has a value that is not allowed',
  'unknown-parameter': 'The route has no such parameter',
  'bad-path': 'The path cannot be decoded',
  'unknown-route': 'There is no such route',
  'unknown-key': 'Nothing is known of what was asked for',
  'method-not-allowed': 'The route is for reading',
  'not-here': 'What was asked for is found elsewhere',
  'too-large': 'What was asked for needs more data than a request may read',
  timeout: 'What was asked for took too long',
  refused: 'Questions of this kind are refused at present',
  busy: 'The tables are busy',
  internal: 'Something went wrong on our side',
} as const;

export type ProblemKind = keyof typeof TITLES;

/** A request that is answered with a problem document. */
export class Problem extends Error {
  override name = 'Problem';
  readonly kind: ProblemKind;
  readonly status: number;
  /** Further members of the document. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    status: number,
    detail: string,
    members: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
    /** What it came from, for the log: the document does not tell it. */
    cause?: unknown,
  ) {
    super(detail, { cause });
    this.kind = kind;
    this.status = status;
    this.members = members;
    this.headers = headers;
  }
}

function shown(value: string): string {
  return value.length > MAX_VALUE_SHOWN ? `${value.slice(0, MAX_VALUE_SHOWN)}…` : value;
}

/** 400: names the parameter, its value and what is allowed. */
export function badParameter(parameter: string, value: string, allowed: string): Problem {
  const text = shown(value);
  return new Problem('bad-parameter', 400, `parameter ${parameter} is "${text}"; allowed: ${allowed}`, { parameter, value: text, allowed });
}

/** 404: names what nothing is known of. */
export function unknownKey(what: 'symbol' | 'sensor' | 'alarm' | 'run', name: string): Problem {
  const text = shown(name);
  return new Problem('unknown-key', 404, `${what} "${text}" is not known${what === 'run' ? '' : ': nothing was received of it'}`, {
    [what]: text,
  });
}

/** The document itself. */
export function problemDocument({ kind, status, message, members }: Problem, instance: string): Readonly<Record<string, unknown>> {
  return { type: `urn:problem-type:tidemark:${kind}`, title: TITLES[kind], status, detail: message, instance: shown(instance), ...members };
}
