import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { type FieldError, fieldError } from '../field-error.ts';
import type { RuleSource, SchemaNode } from '../structural.ts';
import { mentions } from './allow-list.ts';
import { type CompiledExpression, compileExpression } from './compile-expression.ts';
import { type DeclaredType, declaredType } from './cost/declared-type.ts';
import { estimateCost } from './cost/estimate.ts';
import { costMessage, RULE_COST_LIMIT, SchemaCost } from './cost/limits.ts';
import { type Cardinality, cardinalityBelow, repeatedCost } from './cost/rule-cost.ts';
import { normalizeFieldPath } from './field-path.ts';
import { withObjectMeta } from './object-meta.ts';
import { compileError, memberPath, type RulePlace, uncorrelatedError } from './rule-error.ts';
import { ruleShapeErrors } from './rule-shape.ts';
import { type CelType, CelTypes } from './types.ts';

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

/**
 * What is done about the cost of rules: `limited` holds each rule and all together to the limits, as for a new schema; `limited in total`
 * lets a rule that was there before be; `ignored` does not look, as for what has been accepted and stored.
 */
export type CostCheck = 'limited' | 'limited in total' | 'ignored';

const LIMITS = {
  maxAstNodes: 100_000,
  maxDepth: 1_000,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

/** Where a node lies among others. */
interface Surroundings {
  readonly path: string;
  readonly cardinality: Cardinality;
  /** The nearest list whose items have no old value to compare with; transition rules are refused below it. */
  readonly atomic: string | undefined;
}

/** A rule whose own expression compiles. */
interface FoundRule extends Omit<CompiledRule, 'message' | 'program'> {
  readonly expression: CompiledExpression;
  /** Its messageExpression, or the text of what is wrong with it. */
  readonly message: CompiledExpression | string | undefined;
}

interface Compiled {
  readonly node: RuleNode | undefined;
  /** Whether the rules here and below are well-formed: only then are those above compiled. */
  readonly sound: boolean;
}

/** Compiles all the rules of one schema, from below. Errors are collected; a rule with one is left out. */
class RuleCompiler {
  readonly shapeErrors: FieldError[] = [];
  readonly errors: FieldError[] = [];
  readonly total = new SchemaCost();
  readonly #base = new Environment({ limits: LIMITS });
  readonly #types = new CelTypes(this.#base);
  readonly #root: SchemaNode;
  readonly #seen: SchemaNode;
  readonly #costs: CostCheck;

  constructor(root: SchemaNode, costs: CostCheck) {
    this.#root = root;
    this.#seen = withObjectMeta(root);
    this.#costs = costs;
    this.#declareAll(this.#seen);
  }

  compileAll(path: string): RuleNode | undefined {
    return this.#compile(this.#seen, { path, cardinality: 1n, atomic: undefined }).node;
  }

  #compile(node: SchemaNode, around: Surroundings): Compiled {
    const { path, atomic } = around;
    const cardinality = cardinalityBelow(node, around.cardinality);
    let sound = true;
    const at = (child: SchemaNode | undefined, step: string, below = atomic) => {
      const compiled = child && this.#compile(child, { path: `${path}.${step}`, cardinality, atomic: below });
      sound &&= compiled?.sound ?? true;
      return compiled?.node;
    };
    const additional = at(node.additional, 'additionalProperties');
    const properties = new Map<string, RuleNode>();
    for (const [name, child] of node.properties) {
      const compiled = at(child, `properties[${name}]`);
      if (compiled) properties.set(name, compiled);
    }
    const items = at(node.items, 'items', node.listType === 'map' ? atomic : path);
    // A fieldPath leads into what the schema declares itself.
    const shape = ruleShapeErrors(node === this.#seen ? this.#root : node, path);
    this.shapeErrors.push(...shape);
    sound &&= shape.length === 0;
    const rules = sound ? this.#rules(node, around) : [];
    if (rules.length === 0 && properties.size === 0 && !additional && !items) return { node: undefined, sound };
    return { node: { schema: node, type: this.#types.of(node), rules, properties, additional, items }, sound };
  }

  /** An environment takes no more types once it has been cloned for a rule, so all are declared first. */
  #declareAll(node: SchemaNode): void {
    this.#types.of(node);
    for (const child of node.properties.values()) this.#declareAll(child);
    if (node.additional) this.#declareAll(node.additional);
    if (node.items) this.#declareAll(node.items);
  }

  #rules(node: SchemaNode, around: Surroundings): CompiledRule[] {
    if (node.rules.length === 0) return [];
    const self = this.#types.of(node);
    const type = declaredType(node);
    return node.rules.flatMap((rule, index) => {
      const place = { path: around.path, index };
      const found = self && type ? this.#rule(rule, node, self, type) : 'rules cannot see a value of this type';
      if (typeof found === 'string' || !type) {
        this.errors.push(compileError(rule, place, 'rule', String(found)));
        return [];
      }
      const errors = [...this.#costErrors(found, type, around, place), ...this.#ownErrors(found, around, place)];
      this.errors.push(...errors);
      const { source, usesOldSelf, field, expression, message } = found;
      if (errors.length > 0 || typeof message === 'string') return [];
      return [{ source, usesOldSelf, field, program: expression.program, message: message?.program }];
    });
  }

  /** @returns the rule, or the text of what is wrong with it. */
  #rule(source: RuleSource, node: SchemaNode, { name }: CelType, self: DeclaredType): FoundRule | string {
    const env = this.#base.clone().registerVariable('self', name).registerVariable('oldSelf', name);
    const expression = compileExpression({ env, self, source: source.rule, want: 'bool' });
    if (typeof expression === 'string') return expression;
    const message = source.messageExpression
      ? compileExpression({ env, self, source: source.messageExpression, want: 'string' })
      : undefined;
    const field = source.fieldPath ? (normalizeFieldPath(source.fieldPath, node) ?? '') : '';
    return { source, usesOldSelf: mentions(expression.program.ast, 'oldSelf'), field, expression, message };
  }

  #costErrors(
    { expression, message }: FoundRule,
    self: DeclaredType,
    { cardinality }: Surroundings,
    place: RulePlace,
  ): FieldError[] {
    if (this.#costs === 'ignored') return [];
    const limited = (member: 'rule' | 'messageExpression', what: string, cost: bigint) => {
      const path = memberPath(place, member);
      this.total.observe(path, cost);
      const isOver = this.#costs === 'limited' && cost > RULE_COST_LIMIT;
      return isOver ? [fieldError.forbidden(path, costMessage(what, cost, RULE_COST_LIMIT))] : [];
    };
    const cost = repeatedCost(estimateCost(expression.expanded, self), self, cardinality);
    const errors = limited('rule', 'estimated rule cost', cost);
    if (message === undefined || typeof message === 'string') return errors;
    // A message is made once, however often its rule runs.
    const own = estimateCost(message.expanded, self);
    return [...errors, ...limited('messageExpression', 'estimated messageExpression cost', own)];
  }

  #ownErrors({ source, message, usesOldSelf }: FoundRule, { atomic }: Surroundings, place: RulePlace): FieldError[] {
    const errors: FieldError[] = [];
    if (typeof message === 'string') {
      const detail = message.replace(/^compilation/, 'messageExpression compilation');
      errors.push(compileError(source, place, 'messageExpression', detail));
    }
    if (usesOldSelf && atomic !== undefined) errors.push(uncorrelatedError(source, place, atomic));
    if (source.optionalOldSelf === undefined) return errors;
    const at = memberPath(place, 'optionalOldSelf');
    if (!usesOldSelf)
      errors.push(fieldError.invalid(at, source.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
    else if (source.optionalOldSelf)
      errors.push(fieldError.invalid(at, true, 'is not served by the local engine: oldSelf is never optional here'));
    return errors;
  }
}

/**
 * Compiles the `x-kubernetes-validations` of a schema, each once.
 * @param path where the schema lies in its CRD
 * @returns the rules, and the errors in the order in which the API server finds them
 */
export function compileRules(
  root: SchemaNode,
  path: string,
  costs: CostCheck,
): { rules: RuleNode | undefined; errors: FieldError[] } {
  const compiler = new RuleCompiler(root, costs);
  const rules = compiler.compileAll(path);
  return { rules, errors: [...compiler.shapeErrors, ...compiler.errors, ...compiler.total.errors(path)] };
}
