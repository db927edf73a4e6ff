import { safeLine } from '@dark-carnival/crds/text';
import { ApiError, KubeconfigError, TransportError } from '@dark-carnival/kube';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { HubNotPinned, HubRefusal, HubUnreachable } from './hub/hub-error.ts';

/** What went wrong, in one line that says what to do, and how the command ends. Total: a stack is for a debugger. */
export function explainError(error: unknown): { line: string; exitCode: ExitCode } {
  const exitCode = error instanceof CliError ? error.exitCode : EXIT.error;
  return { line: safeLine(explain(error), 1_500), exitCode };
}

function explain(error: unknown): string {
  if (error instanceof CliError || error instanceof KubeconfigError) return error.message;
  if (error instanceof ApiError) return explainApiError(error);
  if (error instanceof TransportError) return explainTransportError(error);
  if (error instanceof HubRefusal)
    return error.status === 401 ? `the hub does not take your token: ${RENEW}` : error.message;
  if (error instanceof HubNotPinned)
    return `${error.message}: another hub, or it has a new certificate; give the fingerprint that it printed (--hub-fingerprint)`;
  if (error instanceof HubUnreachable)
    return `${error.message}: is \`npm start\` running? Else name another with --hub`;
  return error instanceof Error ? error.message : String(error);
}

const RENEW = 'use the kubeconfig of the running server (--kubeconfig, KUBECONFIG)';

function explainApiError(error: ApiError): string {
  if (error.isUnauthorized) return `the API server does not take your credentials: ${RENEW}`;
  if (error.isForbidden) return `${error.message}; ask for a role that allows it`;
  // The kind itself is unknown there: details name no object.
  if (error.isNotFound && /could not find the requested resource/.test(error.message)) {
    return 'this cluster does not know the kinds of darkcarnival.dev: install the CRDs, or choose another --context';
  }
  return error.message;
}

function explainTransportError({ kind, message, code }: TransportError): string {
  const server = /https?:\/\/[^\s/]+/.exec(message)?.[0] ?? 'of the kubeconfig';
  const local = /^https?:\/\/(127\.|localhost|\[::1\])/.test(server);
  const remedy = local ? 'is `npm start` running?' : 'check the network, or choose another --context';
  if (kind === 'tls') return `the API server at ${server} is not the one of the kubeconfig (${code}): ${RENEW}`;
  if (kind === 'aborted') return 'interrupted';
  return `the API server at ${server} does not answer (${code || kind}): ${remedy}`;
}
