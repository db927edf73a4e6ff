import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WAGON_PHASES } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { expect, it } from 'vitest';
import { judgeLife, type LifeFacts } from './life.ts';

const { spec } = aWagon();

const AGES = [
  { ageMs: 0, heardAgoMs: 0 },
  { ageMs: 0, heardAgoMs: undefined },
  { ageMs: 0, heardAgoMs: 9e6 },
  { ageMs: 40_000, heardAgoMs: 40_000 },
  { ageMs: 9e6, heardAgoMs: 9e6 },
  { ageMs: 9e6, heardAgoMs: undefined },
];

/** Each of these, with each value of one more fact. */
const times = <A extends object, B extends object>(all: readonly A[], more: readonly B[]): (A & B)[] =>
  all.flatMap((each) => more.map((one) => ({ ...each, ...one })));

/** Every combination of what a life is judged by. */
function allFacts(): LifeFacts[] {
  if (!spec) throw new TypeError('the builder makes a Wagon without spec');
  const runtimes = [{ runtime: { type: 'External' as const } }, { runtime: { type: 'Pod' as const } }];
  const orders = (['Enabled', 'Cordoned', 'Draining'] as const).map((scheduling) => ({ scheduling }));
  const specs = times(runtimes, orders).map((how) => ({ spec: { ...spec, ...how } }));
  const phases = [undefined, ...WAGON_PHASES].map((phase) => ({ phase }));
  const origins = times(
    [{ selfRegistered: true }, { selfRegistered: false }],
    [{ foreignToken: true }, { foreignToken: false }],
  );
  const probes = (['alive', 'unreachable'] as const).map((probe) => ({ probe }));
  return times(times(times(specs, phases), origins), times(AGES, probes)).map((facts) => ({
    ...facts,
    said: undefined,
    knownForMs: facts.ageMs,
  }));
}

it('the table of phases and reasons in docs/wagons.md holds what can be, and nothing else', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/wagons.md'), 'utf8');
  const [, section = ''] = page.split('## Phases, reasons and conditions');
  const [table = ''] = section.split('## Taking');
  const listed = [...table.matchAll(/^\| (\w+) \| (\w+) \| (?:True|False) \|/gm)].map(
    ([, phase, reason]) => `${phase} ${reason}`,
  );
  const possible = new Set(
    allFacts()
      .map((facts) => judgeLife(facts))
      .map(({ phase, reason }) => `${phase} ${reason}`),
  );
  expect(listed.sort()).toEqual([...possible].sort());
});
