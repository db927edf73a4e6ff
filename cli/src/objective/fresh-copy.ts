import { ANNOTATIONS, API_VERSION, type Objective, type ObjectiveSpecInput } from '@dark-carnival/crds';
import { CliError } from '../cli-error.ts';
import type { ObjectiveManifest } from './new-objective.ts';
import { withSuffix } from './slug.ts';
import { hasEnded } from './standing.ts';

/** Members of spec that belong to one run and not to the next. */
const OF_ONE_RUN = ['desiredState', 'retry', 'intervention', 'parentRef', 'requestedBy'] as const;
/** Labels by which other tools find their own objects: a copy is not theirs, and would be deleted. */
const OF_OTHER_TOOLS =
  /^(kustomize\.toolkit\.fluxcd\.io|helm\.toolkit\.fluxcd\.io|argocd\.argoproj\.io|app\.kubernetes\.io|helm\.sh|darkcarnival\.dev)\//;
/** With a dash and four letters of suffix within the 52 characters of a name. */
const MAX_BASE = 47;
const SUFFIX = /-[bcdfghjklmnpqrstvwxz2456789]{4}$/;

/**
 * The same goal as a new Objective: nothing of the run that has ended goes with it.
 * @throws CliError where it still runs: two of one goal would both cost.
 */
export function freshCopy(
  objective: Objective,
  { name, random }: { name?: string | undefined; random: () => number },
): ObjectiveManifest {
  const { metadata, status } = objective;
  if (!hasEnded(objective)) {
    throw new CliError(
      `${metadata.name} has not ended (phase ${status?.phase ?? 'Pending'}): carnival abort ${metadata.name} ends it`,
    );
  }
  const spec: Record<string, unknown> = { ...objective.spec };
  for (const member of OF_ONE_RUN) delete spec[member];
  const isCopy = metadata.annotations?.[ANNOTATIONS.rerunOf] !== undefined;
  const base = (isCopy ? metadata.name.replace(SUFFIX, '') : metadata.name).slice(0, MAX_BASE).replace(/[-.]+$/, '');
  const labels = Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => !OF_OTHER_TOOLS.test(key)));
  return {
    apiVersion: API_VERSION,
    kind: 'Objective',
    metadata: {
      name: name ?? withSuffix(base, random),
      namespace: metadata.namespace ?? 'default',
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      annotations: { [ANNOTATIONS.rerunOf]: metadata.name },
    },
    spec: spec as ObjectiveSpecInput,
  };
}
