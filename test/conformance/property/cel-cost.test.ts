import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { RULE_COST_LIMIT } from '../../../local/src/schema/cel/cost/limits.ts';
import { costOfRule } from '../../../local/src/schema/testing/cost-of-rule.ts';
import type { Json } from '../case.ts';
import { chooseReal } from '../engine/choose-real.ts';
import type { Engine } from '../engine/engine.ts';
import { startEngines } from '../engine/start-engines.ts';
import { compare } from '../run/compare.ts';
import { message, rule, ruledSchema, type Schema } from './rule-arbitraries.ts';

/**
 * Random rules: both engines have to say the same of what they cost. The factor by which a rule is over its limit is told to a millionth where it is
 * near it, so each rule is repeated, by the limit of a list around it, as often as brings it there: then the factor gives its cost to the unit.
 */
const choice = chooseReal(process.env);
const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20261124);
const numRuns = Number(process.env['CONFORMANCE_RUNS'] ?? 60);

/** Which of several rules that cost the same are named is chance: Go walks a map in any order. */
const CONTRIBUTED = /^\S+: (Forbidden: contributed to estimated rule cost total .*)$/;

/** A list whose items have the rule, bound so that the rule costs a little more than it may. */
function nearLimit(schema: Schema, source: string, messageExpression: string): Schema {
  const cost = costOfRule(schema, source) ?? 1n;
  const maxItems = cost > 0n && cost < RULE_COST_LIMIT ? Number(RULE_COST_LIMIT / cost) + 1 : 1;
  const given = { rule: source, message: 'no', messageExpression };
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['s'] };
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const items = { ...schema, required: [...new Set([...required, 's'])], 'x-kubernetes-validations': [given] };
  return { type: 'array', maxItems, ...keyed, items };
}

const crd = (properties: Schema): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'dials.cost.example.com' },
  spec: {
    group: 'cost.example.com',
    scope: 'Namespaced',
    names: { plural: 'dials', kind: 'Dial' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
      },
    ],
  },
});

describe.skipIf('missing' in choice)('whatever a rule reads and calls, both engines agree on what it costs', () => {
  let engines: Engine[] = [];

  beforeAll(async () => {
    if ('missing' in choice) return;
    engines = await startEngines(choice);
  }, 120_000);
  afterAll(async () => {
    for (const engine of engines) await engine.stop();
  }, 60_000);

  /** Every error of a CRD that is tried, in an order of its own: that of kube-apiserver is chance. */
  async function errorsOf(engine: Engine, text: string): Promise<Json> {
    const answer = await engine.http.send({
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All',
      text,
      headers: { 'content-type': 'application/json' },
    });
    const { details, message: said } = JSON.parse(answer.text) as {
      details?: { causes?: { field: string; message: string }[] };
      message?: string;
    };
    const causes = details?.causes
      ?.map(({ field, message: detail }) => `${field}: ${detail}`.replace(CONTRIBUTED, '$1'))
      .sort();
    return [answer.status, causes ?? said ?? ''];
  }

  it('to the unit', async () => {
    const six = { minLength: 6, maxLength: 6 };
    await fc.assert(
      fc.asyncProperty(ruledSchema, fc.array(fc.tuple(rule, message), six), async (schema, rules) => {
        const lists = rules.map(([source, said], i): [string, Json] => [`r${i}`, nearLimit(schema, source, said)]);
        const text = JSON.stringify(crd(Object.fromEntries(lists)));
        const [ours = null, theirs = null] = await Promise.all(engines.map((engine) => errorsOf(engine, text)));
        const found = compare([theirs], [ours]);
        if (found.length > 0)
          throw new Error(found.map(({ at, real, local }) => `${at}\n real:  ${real}\n local: ${local}`).join('\n'));
      }),
      { seed, numRuns, endOnFailure: process.env['CI'] === 'true' },
    );
  }, 300_000);
});
