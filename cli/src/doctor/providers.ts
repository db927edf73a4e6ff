import { endpointHost, type ModelProvider, type NodeView, REHEARSAL_NAME } from '@dark-carnival/crds';
import type { Check } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Each model with where it is, and whether it is reached or why not: as the wagons found out by their probes, which cost no tokens. */
export const checkProviders: Check = ({ providers, nodes }) => {
  const real = providers.filter(({ spec }) => spec?.type !== 'Rehearsal');
  if (real.length === 0) {
    return [
      warning(
        'models',
        'no model is configured: rehearsals stand in for all of them',
        'put a key into .env and start again, or apply a ModelProvider and its Secret',
      ),
    ];
  }
  const heard = nodes?.filter((node) => node.providers.length > 0) ?? [];
  const isReached = heard.some(({ providers: asked }) => asked.some(isHealthyModel));
  const nobody = problem('models', 'no wagon reaches any model', 'see above: keys, endpoints, network of the wagons');
  return [...real.map(standing), ...(isReached ? heard.flatMap(cutOff) : heard.length > 0 ? [nobody] : [])];
};

const isHealthyModel = ({ name, healthy }: NodeView['providers'][number]) =>
  name !== REHEARSAL_NAME && healthy === 'True';

function standing({ metadata: { name }, spec, status }: ModelProvider): Finding {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const host = spec && endpointHost(spec);
  const what = `${name}: ${spec?.model ?? 'its newest model'}${host === undefined ? '' : ` at ${host}`}`;
  if (ready === undefined) return warning('models', `${what}: not looked at yet`, 'is a hub running? See above');
  if (ready.status === 'True') return ok('models', `${what}: ${ready.message}`);
  const says = `${what}: ${ready.reason}: ${ready.message}`;
  return ready.status === 'False' ? warning('models', says, remedyFor(ready.reason, name)) : ok('models', says);
}

function remedyFor(reason: string, name: string): string {
  switch (reason) {
    case 'Unauthorized':
      return 'the key was refused: put another one into its Secret';
    case 'NoCredentials':
      return 'see below: its Secret';
    case 'ModelRetired':
    case 'ModelUnknown':
    case 'NotFound':
      return `choose another model: kubectl edit modelprovider ${name}`;
    case 'Unreachable':
      return 'does its endpoint answer, seen from the wagons?';
    default:
      return `more: kubectl describe modelprovider ${name}`;
  }
}

/** A wagon that reaches nothing where others do: its network is what is wrong. */
function cutOff({ nodeID, providers }: NodeView): Finding[] {
  const known = providers.filter(({ name }) => name !== REHEARSAL_NAME);
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
