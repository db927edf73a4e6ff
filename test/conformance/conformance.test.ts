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
import { findKubectls, Kubectl, minorVersion } from './run/kubectl.ts';
import { normalize } from './run/normalize.ts';
import { runCase } from './run/run-case.ts';

const choice = chooseReal(process.env);
const programs = findKubectls(process.env);
const minors = new Map(programs.map((program) => [program, minorVersion(program)]));
const usesKubectl = ({ steps }: Case) => steps.some((step) => 'kubectl' in step);
/** One case, or those whose name holds this text, for work on one thing. */
const only = process.env['CONFORMANCE_CASE'];
const cases = only ? CASES.filter(({ name }) => name.includes(only)) : CASES;

if ('missing' in choice) console.warn(`\n*** CONFORMANCE SKIPPED: ${choice.missing}\n`);
else if (programs.length === 0)
  console.warn('\n*** CONFORMANCE: the cases with kubectl are SKIPPED, there is no kubectl on the PATH\n');

/** Each case, as often as there is a kubectl to run it with, if it needs one. */
const runs = cases.flatMap((given) =>
  usesKubectl(given) && programs.length > 1
    ? programs.map((program) => ({ given, program, title: `${given.name}, with ${program}` }))
    : [{ given, program: programs[0], title: given.name }],
);

const explain = ({ at, real, local }: Difference) => `at ${at}\n  real:  ${real}\n  local: ${local}`;

it.runIf(requiresTier('conformance'))(
  'has a kube-apiserver and a kubectl to compare with, as this run requires',
  () => {
    expect(choice).not.toHaveProperty('missing');
    expect(programs).not.toEqual([]);
  },
);

describe.skipIf('missing' in choice)('the local server answers as a real kube-apiserver', () => {
  const run = randomBytes(3).toString('hex');
  const occurred = new Set<KnownDifference>();
  const skipped = new Set<string>();
  let engines: [Engine, Engine];
  const kubectls = new Map<string, [Kubectl, Kubectl]>();

  beforeAll(async () => {
    if ('missing' in choice) return;
    engines = await startEngines(choice);
    const [local, real] = engines;
    for (const program of programs)
      kubectls.set(program, [new Kubectl(program, local.kubeconfig), new Kubectl(program, real.kubeconfig)]);
  }, 120_000);

  afterAll(async () => {
    for (const pair of kubectls.values()) for (const kubectl of pair) kubectl.close();
    for (const engine of engines ?? []) await engine.stop();
  }, 60_000);

  for (const [i, { given, program, title }] of runs.entries()) {
    // A kube-apiserver takes its time to stop and to start.
    const timeout = given.restarts ? 180_000 : undefined;
    it(title, { ...(timeout && { timeout }) }, async ({ skip }) => {
      const [local, real] = engines;
      const lacks =
        usesKubectl(given) && program === undefined
          ? 'no kubectl'
          : given.controllers && !real.hasControllers
            ? 'no kube-controller-manager'
            : given.restarts && !real.power
              ? 'a cluster that is not ours to stop'
              : undefined;
      if (lacks) {
        skipped.add(given.name);
        skip(lacks);
      }
      const ns = `conformance-${run}-${i}`;
      const [ours, theirs] = await Promise.all(
        engines.map((engine, which) => runCase(engine, kubectls.get(program ?? '')?.[which], given, ns)),
      );
      const keepManagedFields = given.managedFields === true;
      const differences = compare(
        normalize(theirs ?? [], { url: real.url, keepManagedFields }),
        normalize(ours ?? [], { url: local.url, keepManagedFields }),
      );
      const news = differences.filter((difference) => {
        const known = knownDifference(given.name, difference, minors.get(program ?? ''));
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
    const outdated = KNOWN_DIFFERENCES.filter(
      (known) => !known.sometimes && !known.kubectlBefore && concerns(known) && !occurred.has(known),
    );
    expect(outdated.map((known) => `${known.case} at ${known.at}`)).toEqual([]);
  });
});
