import type { Objective, ObjectiveStatus } from '@dark-carnival/crds';

/** Marks by which Flux and Argo CD find their objects again (their documentation, "tracking"). */
const GITOPS_LABELS = [
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
  'argocd.argoproj.io/instance',
] as const;
const GITOPS_ANNOTATIONS = ['argocd.argoproj.io/tracking-id'] as const;

/** Whether a GitOps tool keeps this object: deleted, it would be made, and paid for, again. */
export function trackedByGitOps({ labels, annotations }: Objective['metadata']): boolean {
  return (
    GITOPS_LABELS.some((label) => labels?.[label] !== undefined) ||
    GITOPS_ANNOTATIONS.some((annotation) => annotations?.[annotation] !== undefined)
  );
}

/** Phases that the TTL may end. An Expired one holds a plan that nobody has decided about: unexecuted work is never deleted. */
const DELETABLE = ['Completed', 'Failed', 'Aborted'] as const;

/** Milliseconds until the TTL is over (0 or less: it is), or undefined where there is none to keep. */
export function ttlLeftMs(ttlSeconds: number | undefined, status: ObjectiveStatus, nowMs: number): number | undefined {
  if (ttlSeconds === undefined || status.completionTime === undefined) return undefined;
  if (!DELETABLE.some((phase) => phase === status.phase)) return undefined;
  const ended = Date.parse(status.completionTime);
  return Number.isFinite(ended) ? ended + ttlSeconds * 1000 - nowMs : undefined;
}
