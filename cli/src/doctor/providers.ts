import type { ModelProvider, NodeView } from '@dark-carnival/crds';
import type { Check } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Built in, so that something is shown where there is no model at all. */
const REHEARSAL = 'rehearsal';

/** Which models can be asked, from where, and why not: as the wagons found out by their probes, which cost no tokens. */
export const checkProviders: Check = ({ providers, nodes }) => {
  if (providers.every(({ spec }) => spec?.type === 'Rehearsal')) {
    return [
      warning(
        'models',
        'no model is configured: rehearsals stand in for all of them',
        'put a key into .env and start again, or apply a ModelProvider and its Secret',
      ),
    ];
  }
  const unwell = providers.flatMap(standing);
  const heard = nodes?.filter((node) => node.providers.length > 0) ?? [];
  const cutOff = heard.flatMap(reach);
  const healthy = new Set(heard.flatMap((node) => node.providers.filter(isReal).map(({ name }) => name)));
  const summary =
    healthy.size > 0
      ? [ok('models', `asked by wagons, and well: ${[...healthy].sort().join(', ')}`)]
      : heard.length > 0
        ? [problem('models', 'no wagon reaches any model', 'see below: keys, endpoints, network of the wagons')]
        : [];
  return [...summary, ...unwell, ...cutOff];
};

const isReal = ({ name, healthy }: NodeView['providers'][number]) => name !== REHEARSAL && healthy === 'True';

function standing({ metadata, status }: ModelProvider): Finding[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False') return [];
  return [
    warning('models', `${metadata.name}: ${ready.reason}: ${ready.message}`, remedyFor(ready.reason, metadata.name)),
  ];
}

function remedyFor(reason: string, name: string): string {
  switch (reason) {
    case 'Unauthorized':
      return 'the key was refused: put another one into its Secret';
    case 'NoCredentials':
      return 'see below: its Secret';
    case 'ModelRetired':
    case 'NotFound':
      return `choose another model: kubectl edit modelprovider ${name}`;
    default:
      return 'does its endpoint answer, seen from the wagons?';
  }
}

function reach({ nodeID, providers }: NodeView): Finding[] {
  const known = providers.filter(({ name }) => name !== REHEARSAL);
  if (known.length === 0 || known.some(({ healthy }) => healthy !== 'False')) return [];
  const reasons = known.map(({ name, reason }) => `${name}${reason ? ` (${reason})` : ''}`).join(', ');
  return [
    problem(
      'models',
      `${nodeID} reaches none of its models: ${reasons}`,
      'it takes no objectives until it reaches one',
    ),
  ];
}
