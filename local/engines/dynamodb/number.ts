/** DynamoDB's numbers: decimals of up to 38 significant digits, kept as text and never as IEEE doubles. */
import { invalid } from './errors.ts';

/** ± d.ddd × 10^exponent; `digits` without zeros at either end, '' for zero. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const MOST_DIGITS = 38;
const GREATEST_EXPONENT = 125;
const LEAST_EXPONENT = -130;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,37})$/;
const ZERO_DIGIT = 48;

function parseDecimal(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponentText = '0'] = NUMBER.exec(text) ?? [];
  const all = whole + fraction;
  if (sign === undefined || all === '') {
    throw invalid(`The parameter cannot be converted to a numeric value${text === '' ? '' : `: ${text}`}`);
  }
  const first = all.search(/[1-9]/);
  if (first === -1) return { negative: false, digits: '', exponent: 0 };
  let end = all.length;
  while (all.charCodeAt(end - 1) === ZERO_DIGIT) end--;
  const digits = all.slice(first, end);
  const exponent = whole.length - 1 - first + Number(exponentText);
  if (exponent > GREATEST_EXPONENT) {
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (exponent < LEAST_EXPONENT) {
    throw invalid('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (digits.length > MOST_DIGITS) throw invalid(`Attempting to store more than ${MOST_DIGITS} significant digits in a Number`);
  return { negative: sign === '-', digits, exponent };
}

/** The one form in which a number is kept: plain decimal without needless zeros. Throws ValidationException on what is no number, or too large, small or long. */
export function canonicalNumber(text: string): string {
  if (PLAIN_INTEGER.test(text)) return text;
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === '') return '0';
  const point = exponent + 1;
  const sign = negative ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** ASCII text that sorts, byte by byte, as the numbers do. */
export function sortableNumber(text: string): string {
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === '') return '1';
  // Exponents are shifted to three digits. In a negative number all is turned round, and the end comes after every digit.
  if (!negative) return `2${500 + exponent}${digits}`;
  let complement = '';
  for (const digit of digits) complement += 9 - Number(digit);
  return `0${499 - exponent}${complement}~`;
}

/** a + b, or a − b, exactly. Throws ValidationException when the result is no DynamoDB number. */
export function addNumbers(a: string, b: string, operator: '+' | '-'): string {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  const scale = Math.min(left.exponent - left.digits.length, right.exponent - right.digits.length) + 1;
  const units = ({ negative, digits, exponent }: Decimal): bigint =>
    BigInt((negative ? '-' : '') + digits.padEnd(exponent - scale + 1, '0') || '0');
  const sum = operator === '+' ? units(left) + units(right) : units(left) - units(right);
  return canonicalNumber(`${sum}e${scale}`);
}
