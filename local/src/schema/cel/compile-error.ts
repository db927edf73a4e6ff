import type { ASTNode } from '@marcbachmann/cel-js';
import { TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js';

/** Longer lines are not drawn, in bytes. */
const MAX_DRAWN_LINE = 16_384;
/** Characters of more than one byte take a wide dot or caret, so that the drawing fits below most of them. */
const isWide = (char: string) => (char.codePointAt(0) ?? 0) >= 0x80;

/** Draws a mistake in an expression as cel-go does: `ERROR: <input>:1:5: what` and the line with a caret under the place. */
export function drawMistake(source: string, offset: number, what: string): string {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length;
  const drawn = (source.split('\n')[line - 1] ?? '').replaceAll('\t', ' ');
  const said = `ERROR: <input>:${line}:${column + 1}: ${what}`;
  if (Buffer.byteLength(drawn) > MAX_DRAWN_LINE) return said;
  const chars = Array.from(drawn);
  const dots = chars.slice(0, column).map((char) => (isWide(char) ? '\uff0e' : '.'));
  return `${said}\n | ${drawn}\n | ${dots.join('')}${isWide(chars[column] ?? '') ? '\uff3e' : '^'}`;
}

/** Where cel-go puts the caret of a node: at its dot, bracket, parenthesis or operator. */
export function caretOf(source: string, node: ASTNode): number {
  if (node.op === 'call') return source.indexOf('(', node.start);
  if (node.op === 'rcall') return source.indexOf('(', node.args[1].end);
  if (node.op === '.') return source.lastIndexOf('.', node.end);
  if (node.op === '?:') return source.indexOf('?', node.args[0].end);
  const operands: unknown = node.args;
  const left = Array.isArray(operands) && operands.length === 2 ? (operands[0] as ASTNode) : undefined;
  return left?.end === undefined ? node.start : Math.max(node.start, source.indexOf(node.op.charAt(0), left.end));
}

const NO_SUCH_KEY = 'No such key: ';
const UNKNOWN_VARIABLE = 'Unknown variable: ';

type LibraryError = ParseError | CelTypeError | EvaluationError;

function isLibraryError(error: unknown): error is LibraryError {
  return error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError;
}

function wording(error: LibraryError): string {
  const summary = error.summary;
  if (error.code === 'no_such_key') return `undefined field '${summary.slice(NO_SUCH_KEY.length)}'`;
  if (error.code === 'unknown_variable')
    return `undeclared reference to '${summary.slice(UNKNOWN_VARIABLE.length)}' (in container '')`;
  if (error.code.startsWith('heterogeneous_')) return summary.replace(/^.*?, (?=expected type)/, '');
  const overload = /^no such overload: (.+) (\S+) (.+)$/.exec(summary);
  if (overload)
    return `found no matching overload for '_${overload[2]}_' applied to '(${overload[1]}, ${overload[3]})'`;
  return error instanceof ParseError ? `Syntax error: ${summary}` : summary;
}

function isNode(node: object | undefined): node is ASTNode {
  return node !== undefined && 'op' in node && 'args' in node;
}

/** The text of an error that the CEL library raised while reading or checking an expression. */
export function compileMistake(source: string, error: unknown): string {
  if (!isLibraryError(error)) throw error;
  const { node, range } = error;
  return drawMistake(source, isNode(node) ? caretOf(source, node) : (range?.start ?? 0), wording(error));
}

/** The text of an error that a rule raised while it ran, worded as cel-go words it. */
export function runMistake(error: unknown): string {
  if (!isLibraryError(error)) throw error;
  if (error.code === 'index_out_of_bounds') return `index out of bounds: ${/index (-?\d+)/.exec(error.summary)?.[1]}`;
  return error.summary.replace(/^No such key/, 'no such key');
}
