import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { RuleSource, SchemaNode } from '../structural.ts';
import { forbiddenCall, mentions, visitNodes } from './allow-list.ts';
import { caretOf, compileMistake, drawMistake } from './compile-error.ts';
import { normalizeFieldPath } from './field-path.ts';
import { type CelType, CelTypes, withObjectMeta } from './types.ts';

/** A rule ready to run. */
export interface CompiledRule {
  readonly source: RuleSource;
  /** A transition rule: it runs only where there is an old value to compare with. */
  readonly usesOldSelf: boolean;
  /** Where its error is reported, relative to the rule's own field; empty for the field itself. */
  readonly field: string;
  readonly program: ParseResult;
  readonly message: ParseResult | undefined;
}

/** The rules of a schema node and of all below it; nodes without rules are left out. */
export interface RuleNode {
  readonly schema: SchemaNode;
  readonly type: CelType | undefined;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
}

/** A rule that does not compile: `path` is that of the schema node, as CRD errors spell it. */
export interface RuleMistake {
  path: string;
  index: number;
  member: 'rule' | 'messageExpression' | 'fieldPath';
  rule: RuleSource;
  detail: string;
}

const UNCORRELATED = 'oldSelf cannot be used on the uncorrelatable portion of the schema within';
const LIMITS = {
  maxAstNodes: 100_000,
  maxDepth: 1_000,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

/** The type of a chain of selections that starts at `self` or `oldSelf`; undefined for anything else. */
function chainType(node: ASTNode, self: CelType): CelType | undefined {
  if (node.op === 'id') return node.args === 'self' || node.args === 'oldSelf' ? self : undefined;
  return node.op === '.' ? chainType(node.args[0], self)?.fields?.get(node.args[1]) : undefined;
}

/** The library lets `has()` name any field; the API server refuses one that the schema does not have. */
function unknownHas(ast: ASTNode, self: CelType): { field: string; node: ASTNode } | undefined {
  let unknown: { field: string; node: ASTNode } | undefined;
  visitNodes(ast, (node) => {
    if (node.op !== 'call' || node.args[0] !== 'has') return;
    const selection = node.args[1][0];
    if (selection?.op !== '.') return;
    const fields = chainType(selection.args[0], self)?.fields;
    if (fields && !fields.has(selection.args[1])) unknown ??= { field: selection.args[1], node };
  });
  return unknown;
}

interface Expression {
  env: Environment;
  self: CelType;
  source: string;
  want: 'bool' | 'string';
}

/** @returns the program, or the text of what is wrong with it. */
function compileExpression({ env, self, source, want }: Expression): ParseResult | string {
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
  const unknown = unknownHas(program.ast, self);
  if (unknown)
    return `compilation failed: ${drawMistake(source, caretOf(source, unknown.node), `undefined field '${unknown.field}'`)}`;
  const { valid, type, error } = program.check();
  if (!valid) return `compilation failed: ${compileMistake(source, error)}`;
  if (type === want || type === 'dyn') return program;
  return want === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string';
}

/** Compiles all the rules of one schema. Mistakes are collected in `mistakes`; a rule with one is left out. */
class RuleCompiler {
  readonly mistakes: RuleMistake[] = [];
  readonly #base = new Environment({ limits: LIMITS });
  readonly #types = new CelTypes(this.#base);

  constructor(root: SchemaNode) {
    this.#declareAll(root);
  }

  /** `atomic` is the nearest list whose items have no old value to compare with; transition rules are refused below it. */
  compile(node: SchemaNode, path: string, atomic?: string): RuleNode | undefined {
    const rules = this.#rules(node, path, atomic);
    const at = (child: SchemaNode | undefined, step: string, below = atomic) =>
      child && this.compile(child, `${path}.${step}`, below);
    const properties = new Map<string, RuleNode>();
    for (const [name, child] of node.properties) {
      const compiled = at(child, `properties[${name}]`);
      if (compiled) properties.set(name, compiled);
    }
    const additional = at(node.additional, 'additionalProperties');
    const items = at(node.items, 'items', node.listType === 'map' ? atomic : path);
    if (rules.length === 0 && properties.size === 0 && !additional && !items) return undefined;
    return { schema: node, type: this.#types.of(node), rules, properties, additional, items };
  }

  /** An environment takes no more types once it has been cloned for a rule, so all are declared first. */
  #declareAll(node: SchemaNode): void {
    this.#types.of(node);
    for (const child of node.properties.values()) this.#declareAll(child);
    if (node.additional) this.#declareAll(node.additional);
    if (node.items) this.#declareAll(node.items);
  }

  #rules(node: SchemaNode, path: string, atomic: string | undefined): CompiledRule[] {
    if (node.rules.length === 0) return [];
    const self = this.#types.of(node);
    return node.rules.flatMap((rule, index) => {
      const compiled = self
        ? this.#rule(rule, node, self)
        : ({ member: 'rule', detail: 'rules cannot see a value of this type' } as const);
      if ('detail' in compiled) this.mistakes.push({ path, index, rule, ...compiled });
      else if (compiled.usesOldSelf && atomic !== undefined)
        this.mistakes.push({ path, index, rule, member: 'rule', detail: `${UNCORRELATED} ${atomic}` });
      else return [compiled];
      return [];
    });
  }

  #rule(rule: RuleSource, node: SchemaNode, self: CelType): CompiledRule | Pick<RuleMistake, 'member' | 'detail'> {
    const env = this.#base.clone().registerVariable('self', self.name).registerVariable('oldSelf', self.name);
    const program = compileExpression({ env, self, source: rule.rule, want: 'bool' });
    if (typeof program === 'string') return { member: 'rule', detail: program };
    let message: ParseResult | undefined;
    if (rule.messageExpression) {
      const compiled = compileExpression({ env, self, source: rule.messageExpression, want: 'string' });
      if (typeof compiled === 'string')
        return {
          member: 'messageExpression',
          detail: compiled.replace(/^compilation/, 'messageExpression compilation'),
        };
      message = compiled;
    }
    const field = rule.fieldPath === undefined ? '' : normalizeFieldPath(rule.fieldPath, node);
    if (field === undefined) return { member: 'fieldPath', detail: 'must be a valid path' };
    return { source: rule, usesOldSelf: mentions(program.ast, 'oldSelf'), field, program, message };
  }
}

/** Compiles the `x-kubernetes-validations` of a schema, each once. `path` is where the schema lies in its CRD. */
export function compileRules(root: SchemaNode, path: string): { rules: RuleNode | undefined; mistakes: RuleMistake[] } {
  const seen = withObjectMeta(root);
  const compiler = new RuleCompiler(seen);
  const rules = compiler.compile(seen, path);
  return { rules, mistakes: compiler.mistakes };
}
