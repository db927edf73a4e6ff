import { CHAIN_PLACES, DEFAULTS_CONFIG_MAP, familyChain, REHEARSAL_NAME, readDefaultChains } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { ApiError, CONFIG_MAPS, type ConfigMap } from '@dark-carnival/kube';
import type { Check, Patient } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const REMEDY = `kubectl edit configmap ${DEFAULTS_CONFIG_MAP}`;

/** Who answers in each seat, and does the tasks, where an Objective does not say, and who said so. */
export const checkDefaultChains: Check = async (patient) => {
  const { session } = patient;
  try {
    const ref = { name: DEFAULTS_CONFIG_MAP, namespace: session.namespace };
    return judgeDefaults(patient, (await session.client.find<ConfigMap>(CONFIG_MAPS, ref))?.data);
  } catch (error) {
    if (!(error instanceof ApiError && error.isForbidden)) throw error;
    return [warning('chains', `you may not read ConfigMap ${DEFAULTS_CONFIG_MAP}`, 'ask somebody who may to run this')];
  }
};

/** @param data of the ConfigMap; undefined: there is none. */
export function judgeDefaults({ providers }: Pick<Patient, 'providers'>, data: ConfigMap['data']): Finding[] {
  const read = readDefaultChains(data);
  if (read.outcome === 'malformed') {
    const words = `ConfigMap ${DEFAULTS_CONFIG_MAP}: ${safeLine(read.message, 300)}; Objectives that need it wait`;
    return [problem('chains', words, REMEDY)];
  }
  const facts = providers.flatMap(({ metadata, spec }) => (spec ? [{ name: metadata.name, type: spec.type }] : []));
  const known = new Set([REHEARSAL_NAME, ...facts.map(({ name }) => name)]);
  const visionary = read.chains.visionary ?? familyChain('visionary', facts);
  return CHAIN_PLACES.map((place) => {
    const set = read.chains[place];
    const names = set ?? (place === 'execution' ? visionary : familyChain(place, facts));
    const from =
      set !== undefined
        ? `ConfigMap ${DEFAULTS_CONFIG_MAP}`
        : place === 'execution'
          ? "the visionary's"
          : 'the order of families';
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length === 0) return ok('chains', `${place}: ${names.join(', ')} (${from})`);
    return problem('chains', `${place}: no such ModelProvider: ${unknown.join(', ')} (${from})`, REMEDY);
  });
}
