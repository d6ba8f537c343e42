import { RE2JS } from 're2js';
import { invalid } from '../reading/page-query.js';
import type { Shape } from '../versions/shape.js';

/** The longest pattern; with an engine that takes time in proportion to the text, it bounds what one comparison costs. */
export const PATTERN_LENGTH_MAX = 100;
const PROGRAM_SIZE_MAX = 2000;
const VALUES_MAX = 1000;

/** One thing that a field has to be. */
export interface Comparison {
  holds: (value: unknown) => boolean;
  /** The values that the field must be among, where it must be equal to one. */
  among?: readonly string[];
}

type Scalar = string | boolean;

/** What a field's value is compared with: a bare value, or operators such as `{"$gte":"3"}`. */
export function parseComparison(name: string, value: unknown, shape: Shape): Comparison[] {
  const isOperators =
    typeof value === 'object' && value !== null && Object.keys(value).every((key) => key.startsWith('$'));
  if (!isOperators) return [equality(name, value, shape)];
  const operators = Object.entries(value);
  if (operators.length === 0) throw invalid('where', `\`${name}\` is compared with nothing.`);
  return operators.map(([operator, operand]) => operation(name, operator, operand, shape));
}

function operation(name: string, operator: string, operand: unknown, shape: Shape): Comparison {
  switch (operator) {
    case '$ne':
      return not(equality(name, operand, shape));
    case '$in':
      return among(name, operand, shape);
    case '$nin':
      return not(among(name, operand, shape));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return order(name, operator, operand, shape);
    case '$regex':
      return regex(name, operand, shape);
    case '$size':
      return size(name, operand, shape);
    case '$exists':
      return exists(name, operand);
    default:
      throw invalid(
        'where',
        `\`${operator.slice(0, 20)}\` is not known; $gt $gte $lt $lte $ne $in $nin $regex $size $exists are.`,
      );
  }
}

function equality(name: string, value: unknown, shape: Shape): Comparison {
  const wanted = scalar(name, value, shape);
  const holds = some((each) => each === wanted);
  return typeof wanted === 'string' ? { holds, among: [wanted] } : { holds };
}

function among(name: string, values: unknown, shape: Shape): Comparison {
  if (!Array.isArray(values) || values.length > VALUES_MAX)
    throw invalid('where', `\`${name}\`: $in and $nin take a list of at most ${VALUES_MAX} values.`);
  const wanted = values.map((value) => scalar(name, value, shape));
  const set = new Set(wanted);
  const texts = wanted.filter((each) => typeof each === 'string');
  return { holds: some((each) => set.has(each)), among: texts };
}

function order(name: string, operator: '$gt' | '$gte' | '$lt' | '$lte', operand: unknown, shape: Shape) {
  const limit = textOperand(name, operator, operand, shape);
  const compares = {
    $gt: (each: string) => each > limit,
    $gte: (each: string) => each >= limit,
    $lt: (each: string) => each < limit,
    $lte: (each: string) => each <= limit,
  }[operator];
  return { holds: some((each) => typeof each === 'string' && compares(each)) };
}

function regex(name: string, operand: unknown, shape: Shape): Comparison {
  const pattern = textOperand(name, '$regex', operand, shape);
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw invalid('where', `\`${name}\`: a $regex has at most ${PATTERN_LENGTH_MAX} characters.`);
  const compiled = compilePattern(name, pattern);
  return { holds: some((each) => typeof each === 'string' && compiled.test(each)) };
}

function compilePattern(name: string, pattern: string): RE2JS {
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() <= PROGRAM_SIZE_MAX) return compiled;
  } catch {
    // Answered below, as a pattern too large is.
  }
  throw invalid('where', `\`${name}\`: the $regex is not one that RE2 reads, or it repeats too much.`);
}

function size(name: string, operand: unknown, shape: Shape): Comparison {
  if (shape.type !== 'list') throw invalid('where', `\`${name}\` is no list, and has no $size.`);
  if (typeof operand !== 'number' || !Number.isInteger(operand) || operand < 0)
    throw invalid('where', `\`${name}\`: $size takes a whole number.`);
  return { holds: (value) => Array.isArray(value) && value.length === operand };
}

function exists(name: string, operand: unknown): Comparison {
  if (typeof operand !== 'boolean') throw invalid('where', `\`${name}\`: $exists takes true or false.`);
  return { holds: (value) => (value !== undefined) === operand };
}

/** As in Mongo, what does not hold of a field holds where the field is absent. */
function not({ holds }: Comparison): Comparison {
  return { holds: (value) => !holds(value) };
}

/** As in Mongo, a list is compared by each of its values. */
function some(holds: (each: Scalar) => boolean): (value: unknown) => boolean {
  return (value) =>
    Array.isArray(value) ? value.some(holds) : value !== undefined && holds(value as Scalar);
}

function scalar(name: string, value: unknown, shape: Shape): Scalar {
  const each = shape.type === 'list' ? shape.of : shape;
  if (each.type === 'text' && typeof value === 'string') return value;
  if (each.type === 'flag' && typeof value === 'boolean') return value;
  if (each.type === 'text') throw invalid('where', `\`${name}\` is compared with a string.`);
  if (each.type === 'flag') throw invalid('where', `\`${name}\` is compared with true or false.`);
  throw invalid('where', `\`${name}\` is an object: name a field of it, or ask whether it $exists.`);
}

function textOperand(name: string, operator: string, operand: unknown, shape: Shape): string {
  const wanted = scalar(name, operand, shape);
  if (typeof wanted !== 'string') throw invalid('where', `\`${name}\`: ${operator} compares texts.`);
  return wanted;
}
