import type { Objective } from '@dark-carnival/crds';
import type { Terminal } from '../terminal/terminal.ts';

/** How the appliers of Flux and Argo CD call themselves in managedFields. */
const GITOPS_MANAGERS =
  /^(kustomize-controller|helm-controller|flux|gotk|argocd|argocd-controller|argocd-application-controller)/;

/** Managers that own a field of spec. Needs the object with its managedFields. */
export function ownersOf({ metadata }: Objective, field: string): string[] {
  return (metadata.managedFields ?? []).flatMap(({ manager, subresource, fieldsV1 }) => {
    const spec = (fieldsV1 as { 'f:spec'?: Record<string, unknown> } | undefined)?.['f:spec'];
    return !subresource && manager !== undefined && spec?.[`f:${field}`] !== undefined ? [manager] : [];
  });
}

/** The GitOps tool that owns a field of spec, if one does: at its next sync it would take a change back. */
export const gitOpsOwner = (objective: Objective, field: string): string | undefined =>
  ownersOf(objective, field).find((manager) => GITOPS_MANAGERS.test(manager));

/** Says of each field that is about to be written and that a GitOps tool owns what will become of it. */
export function warnOfGitOps(objective: Objective, fields: readonly string[], terminal: Pick<Terminal, 'note'>): void {
  for (const field of fields) {
    const owner = gitOpsOwner(objective, field);
    if (owner === undefined) continue;
    terminal.note(
      `warning: ${owner} owns spec.${field} of ${objective.metadata.name} and may take this back at its next sync: remove the field from Git`,
    );
  }
}
