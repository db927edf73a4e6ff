import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requiresTier } from '../harness/required-tiers.ts';
import type { Case } from './case.ts';
import { CASES } from './cases/index.ts';
import { chooseReal } from './engine/choose-real.ts';
import type { Engine } from './engine/engine.ts';
import { startEngines } from './engine/start-engines.ts';
import { KNOWN_DIFFERENCES, type KnownDifference, knownDifference } from './known-differences.ts';
import { compare, type Difference } from './run/compare.ts';
import { findKubectl, Kubectl } from './run/kubectl.ts';
import { normalize } from './run/normalize.ts';
import { runCase } from './run/run-case.ts';

const choice = chooseReal(process.env);
const kubectlProgram = findKubectl(process.env);
const usesKubectl = ({ steps }: Case) => steps.some((step) => 'kubectl' in step);
/** One case, or those whose name holds this text, for work on one thing. */
const only = process.env['CONFORMANCE_CASE'];
const cases = only ? CASES.filter(({ name }) => name.includes(only)) : CASES;

if ('missing' in choice) console.warn(`\n*** CONFORMANCE SKIPPED: ${choice.missing}\n`);
else if (!kubectlProgram)
  console.warn('\n*** CONFORMANCE: the cases with kubectl are SKIPPED, there is no kubectl on the PATH\n');

const explain = ({ at, real, local }: Difference) => `at ${at}\n  real:  ${real}\n  local: ${local}`;

it.runIf(requiresTier('conformance'))(
  'has a kube-apiserver and a kubectl to compare with, as this run requires',
  () => {
    expect(choice).not.toHaveProperty('missing');
    expect(kubectlProgram).toBeDefined();
  },
);

describe.skipIf('missing' in choice)('the local server answers as a real kube-apiserver', () => {
  const run = randomBytes(3).toString('hex');
  const occurred = new Set<KnownDifference>();
  const skipped = new Set<string>();
  let engines: [Engine, Engine];
  let kubectls: (Kubectl | undefined)[] = [];

  beforeAll(async () => {
    if ('missing' in choice) return;
    engines = await startEngines(choice);
    kubectls = engines.map(({ kubeconfig }) => (kubectlProgram ? new Kubectl(kubectlProgram, kubeconfig) : undefined));
  }, 120_000);

  afterAll(async () => {
    for (const kubectl of kubectls) kubectl?.close();
    for (const engine of engines ?? []) await engine.stop();
  }, 60_000);

  for (const [i, given] of cases.entries()) {
    it(given.name, async ({ skip }) => {
      const [local, real] = engines;
      const lacks =
        usesKubectl(given) && !kubectlProgram
          ? 'no kubectl'
          : given.controllers && !real.hasControllers
            ? 'no kube-controller-manager'
            : undefined;
      if (lacks) {
        skipped.add(given.name);
        skip(lacks);
      }
      const ns = `conformance-${run}-${i}`;
      const [ours, theirs] = await Promise.all(
        engines.map((engine, which) => runCase(engine, kubectls[which], given, ns)),
      );
      const keepManagedFields = given.managedFields === true;
      const differences = compare(
        normalize(theirs ?? [], { url: real.url, keepManagedFields }),
        normalize(ours ?? [], { url: local.url, keepManagedFields }),
      );
      const news = differences.filter((difference) => {
        const known = knownDifference(given.name, difference);
        if (known) occurred.add(known);
        return known === undefined;
      });
      expect(news.map(explain).join('\n')).toBe('');
    });
  }

  it.skipIf(only !== undefined)('differs where known-differences.ts says so, still', () => {
    const names = cases.map(({ name }) => name).filter((name) => !skipped.has(name));
    const concerns = (known: KnownDifference) =>
      names.some((name) => (typeof known.case === 'string' ? known.case === name : known.case.test(name)));
    const outdated = KNOWN_DIFFERENCES.filter((known) => !known.sometimes && concerns(known) && !occurred.has(known));
    expect(outdated.map((known) => `${known.case} at ${known.at}`)).toEqual([]);
  });
});
