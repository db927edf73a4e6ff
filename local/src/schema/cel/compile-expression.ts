import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { forbiddenCall } from './allow-list.ts';
import { caretOf, compileMistake, drawMistake } from './compile-error.ts';
import type { DeclaredType } from './cost/declared-type.ts';
import type { Expression } from './cost/expression.ts';
import { expandRule } from './cost/rule-cost.ts';

/** An expression to compile, in an environment with its variables; `self` is their type. */
export interface ExpressionSource {
  readonly env: Environment;
  readonly self: DeclaredType;
  readonly source: string;
  readonly want: 'bool' | 'string';
}

/** An expression that compiles: to run it, and to estimate what it costs. */
export interface CompiledExpression {
  readonly program: ParseResult;
  readonly expanded: Expression;
}

/** @returns the program, or the text of what is wrong with it. */
export function compileExpression({ env, self, source, want }: ExpressionSource): CompiledExpression | string {
  let program: ParseResult;
  try {
    program = env.parse(source);
  } catch (error) {
    return `compilation failed: ${compileMistake(source, error)}`;
  }
  const forbidden = forbiddenCall(program.ast);
  if (forbidden) {
    const what = `undeclared reference to '${forbidden.name}' (in container '')`;
    return `compilation failed: ${drawMistake(source, caretOf(source, forbidden.node), what)}`;
  }
  const { valid, error } = program.check();
  if (!valid) return `compilation failed: ${compileMistake(source, error)}`;
  const mistakes: string[] = [];
  const expanded = expandRule(program.ast, self, (node, detail) =>
    mistakes.push(drawMistake(source, caretOf(source, node), detail)),
  );
  if (mistakes.length > 0) return `compilation failed: ${mistakes.join('\n')}`;
  // The library's own type is vaguer than cel-go's, and a value of no known type is refused.
  if (expanded.type.kind === want) return { program, expanded };
  return want === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string';
}
