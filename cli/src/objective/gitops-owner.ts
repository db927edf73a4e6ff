import type { Objective } from '@dark-carnival/crds';

/** How the appliers of Flux and Argo CD call themselves in managedFields. */
const GITOPS_MANAGERS =
  /^(kustomize-controller|helm-controller|flux|gotk|argocd|argocd-controller|argocd-application-controller)/;

/**
 * The GitOps tool that owns `spec.intervention`, if one does: at its next sync it would take a decision back, or give its own. Needs the object with
 * its managedFields.
 */
export function gitOpsOwner({ metadata }: Objective): string | undefined {
  return metadata.managedFields?.find(({ manager, subresource, fieldsV1 }) => {
    const spec = (fieldsV1 as { 'f:spec'?: Record<string, unknown> } | undefined)?.['f:spec'];
    return !subresource && GITOPS_MANAGERS.test(manager ?? '') && spec?.['f:intervention'] !== undefined;
  })?.manager;
}
