import { customResourceDefinition, KINDS, type KubeObject } from '@dark-carnival/crds';
import { ApiError, CUSTOM_RESOURCE_DEFINITIONS } from '@dark-carnival/kube';
import type { Check } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

type LiveCrd = KubeObject & { spec?: unknown; status?: { conditions?: { type: string; status: string }[] } };

const INSTALL = 'npm start brings them; in a cluster: kubectl apply --server-side -f crds/generated';

/** Whether the kinds are installed, and are those of this version. */
export const checkKinds: Check = async ({ session }) => {
  const findings = await Promise.all(
    KINDS.map(async (kind): Promise<Finding> => {
      const expected = customResourceDefinition(kind);
      const { name } = expected.metadata;
      try {
        const live = await session.client.find<LiveCrd>(CUSTOM_RESOURCE_DEFINITIONS, { name });
        if (!live) return problem('kinds', `${name} is not installed`, INSTALL);
        const established = live.status?.conditions?.some(
          ({ type, status }) => type === 'Established' && status === 'True',
        );
        if (!established)
          return problem('kinds', `${name} is installed and not served`, `kubectl describe crd ${name}`);
        if (holds(live.spec, expected.spec)) return ok('kinds', name);
        return problem('kinds', `${name} is of another version than this command line`, INSTALL);
      } catch (error) {
        if (!(error instanceof ApiError && error.isForbidden)) throw error;
        return warning(
          'kinds',
          `you may not read ${name}, so its version is unknown`,
          'ask somebody who may to run this',
        );
      }
    }),
  );
  const good = findings.filter(({ level }) => level === 'ok');
  const bad = findings.filter(({ level }) => level !== 'ok');
  return good.length === KINDS.length ? [ok('kinds', `${good.length} installed, and current`)] : bad;
};

/** Whether a value has everything that another has; a server adds defaults. */
export function holds(live: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(live) && live.length === expected.length && expected.every((item, at) => holds(live[at], item))
    );
  }
  if (typeof expected !== 'object' || expected === null) return live === expected;
  if (typeof live !== 'object' || live === null) return false;
  return Object.entries(expected).every(
    ([key, value]) => value === undefined || holds((live as Record<string, unknown>)[key], value),
  );
}
