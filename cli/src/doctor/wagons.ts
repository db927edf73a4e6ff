import type { NodeView, Wagon } from '@dark-carnival/crds';
import { VERSION } from '../version.ts';
import type { Check } from './check.ts';
import { isOlderThan } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** A wagon that was declared and has not come by then needs somebody to look. */
const PROVISIONING_SECONDS = 120;

/** Whether there are wagons, which are heard, and which run another version. */
export const checkWagons: Check = ({ wagons, nodes, clock }) => {
  if (wagons.length === 0) {
    return [
      problem(
        'wagons',
        'there is no wagon: nothing can be debated',
        'npm start makes three; else kubectl apply a Wagon',
      ),
    ];
  }
  const views = new Map(nodes?.map((node) => [node.name, node]));
  const bad = wagons.flatMap((wagon) => [
    ...standing(wagon, views.get(wagon.metadata.name), clock.now()),
    ...drift(wagon, views.get(wagon.metadata.name)),
  ]);
  const ready = wagons.filter(({ status }) => status?.phase === 'Ready').length;
  const summary = `${ready} of ${wagons.length} ready`;
  return [
    ready === 0 ? problem('wagons', summary, 'see below; logs of a local one: npm start') : ok('wagons', summary),
    ...bad,
  ];
};

function standing({ metadata, spec, status }: Wagon, node: NodeView | undefined, nowMs: number): Finding[] {
  const name = spec?.nodeID ?? metadata.name;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const why = ready && ready.status !== 'True' ? `${ready.reason}: ${ready.message}` : 'no reason given';
  const describe = `kubectl describe wagon ${metadata.name}`;
  switch (status?.phase) {
    case 'Ready':
      if (spec?.scheduling !== undefined && spec.scheduling !== 'Enabled')
        return [
          warning(
            'wagons',
            `${name} is ${spec.scheduling}: it takes no new objectives`,
            `kubectl patch wagon ${metadata.name} --type merge -p '{"spec":{"scheduling":"Enabled"}}'`,
          ),
        ];
      return [];
    case 'Stale': {
      const age = node?.heartbeatAgeSeconds;
      const heard = age === undefined ? 'not heard since the hub started' : `last heard ${Math.round(age)} s ago`;
      return [problem('wagons', `${name} is stale, ${heard}: ${why}`, 'is its machine up, and does it reach the hub?')];
    }
    case 'Failed':
      return [problem('wagons', `${name} failed: ${why}`, describe)];
    case 'Evicted':
    case 'Draining':
      return [warning('wagons', `${name} is ${status.phase}: ${why}`, describe)];
    default:
      if (!isOlderThan(metadata.creationTimestamp, PROVISIONING_SECONDS, nowMs)) return [];
      return [
        problem(
          'wagons',
          `${name} was declared and has never come: ${why}`,
          'start it with its token, or look at its runtime',
        ),
      ];
  }
}

function drift({ metadata, spec, status }: Wagon, node: NodeView | undefined): Finding[] {
  const runs = node?.version ?? status?.version;
  if (runs === undefined || runs === VERSION) return [];
  return [
    warning(
      'wagons',
      `${spec?.nodeID ?? metadata.name} runs version ${runs}, this command line is ${VERSION}`,
      'upgrade one of the two',
    ),
  ];
}
