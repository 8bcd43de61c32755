/** How IoT SQL compares and combines values ("AWS IoT SQL reference", Operators). undefined is its Undefined. */

/** Numbers, and texts that are numbers; else undefined. */
function decimalOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  return Number(value);
}

/** Booleans, and the texts true and false in any case; else undefined. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

export function and(left: unknown, right: unknown): boolean | undefined {
  const [a, b] = [booleanOf(left), booleanOf(right)];
  return a === undefined || b === undefined ? undefined : a && b;
}

export function or(left: unknown, right: unknown): boolean | undefined {
  const [a, b] = [booleanOf(left), booleanOf(right)];
  return a === undefined || b === undefined ? undefined : a || b;
}

export function not(value: unknown): boolean | undefined {
  const known = booleanOf(value);
  return known === undefined ? undefined : !known;
}

/** A number and a text are compared as numbers; arrays and objects by what they hold. */
export function equals(left: unknown, right: unknown): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === 'number' || typeof right === 'number') {
    if (typeof left !== 'string' && typeof right !== 'string') return left === right;
    const [a, b] = [decimalOf(left), decimalOf(right)];
    return a === undefined || b === undefined ? undefined : a === b;
  }
  return sameJson(left, right);
}

function sameJson(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]));
}

/** Both sides as numbers; undefined when one is none. */
export function ordered(compare: (a: number, b: number) => boolean): (left: unknown, right: unknown) => boolean | undefined {
  return (left, right) => {
    const [a, b] = [decimalOf(left), decimalOf(right)];
    return a === undefined || b === undefined ? undefined : compare(a, b);
  };
}

/** Whether an array holds a value; undefined when `right` is no array. */
export function isIn(left: unknown, right: unknown): boolean | undefined {
  if (left === undefined || !Array.isArray(right)) return undefined;
  return right.some((member) => equals(left, member) === true);
}
