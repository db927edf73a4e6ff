import { Environment } from '@marcbachmann/cel-js';
import { declaredType } from '../cel/cost/declared-type.ts';
import { estimateCost } from '../cel/cost/estimate.ts';
import { expandRule } from '../cel/cost/rule-cost.ts';
import { CelTypes } from '../cel/types.ts';
import type { JsonObject } from '../json.ts';
import { readNode, type SchemaNode } from '../structural.ts';

function declareAll(types: CelTypes, node: SchemaNode): void {
  types.of(node);
  for (const child of [...node.properties.values(), node.additional, node.items]) if (child) declareAll(types, child);
}

/** What one evaluation of a rule on a value of the schema costs at most; undefined where the rule does not compile. */
export function costOfRule(schema: JsonObject, rule: string): bigint | undefined {
  const env = new Environment();
  const types = new CelTypes(env);
  const node = readNode(schema);
  declareAll(types, node);
  const self = declaredType(node);
  const name = types.of(node)?.name ?? 'dyn';
  const program = env.clone().registerVariable('self', name).registerVariable('oldSelf', name).parse(rule);
  if (!self || !program.check().valid) return undefined;
  return estimateCost(
    expandRule(program.ast, self, () => {}),
    self,
  );
}
