import { type ApprovalRequest, FIELD_MANAGERS, type Intervention } from '@dark-carnival/crds';
import type { Patch } from '@dark-carnival/kube';
import { shellCommand } from '../terminal/shell.ts';

/** What a person decides about the open request, as it is written. */
export type Verdict = { decision: 'Approve' | 'Abort' } | { decision: 'Feedback'; feedback: string };

/** The whole member that answers a request: it names the request and the plan that were shown, so it can be about nothing else. */
export function interventionFor(request: ApprovalRequest, verdict: Verdict, decidedBy: string): Intervention {
  return { requestID: request.id, planHash: request.planHash, decidedBy, ...verdict };
}

/** Replaces the member whole: a merge patch would keep the feedback of the last round. */
export function interventionPatch(intervention: Intervention): Patch {
  return { type: 'json', operations: [{ op: 'add', path: '/spec/intervention', value: intervention }] };
}

/** What kubectl needs to reach the same cluster from any shell. */
export interface KubectlPlace {
  namespace: string;
  kubeconfig?: string;
  context?: string;
}

/** The same decision for kubectl, to be copied as it stands. */
export function kubectlDecision(name: string, intervention: Intervention, place: KubectlPlace): string {
  const operations = [{ op: 'add', path: '/spec/intervention', value: intervention }];
  return kubectlPatch(name, place, ['json', FIELD_MANAGERS.approval, JSON.stringify(operations)]);
}

function kubectlPatch(
  name: string,
  { namespace, kubeconfig, context }: KubectlPlace,
  [type, manager, patch]: [type: string, manager: string, patch: string],
): string {
  return shellCommand(
    'kubectl',
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...['-n', namespace, 'patch', 'objective', name, '--type', type, `--field-manager=${manager}`, '-p', patch],
  );
}
