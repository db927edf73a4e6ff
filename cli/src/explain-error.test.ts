import { ApiError, KubeconfigError, TransportError } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { usageError } from './cli-error.ts';
import { explainError } from './explain-error.ts';
import { HubNotPinned, HubUnreachable } from './hub/hub-error.ts';

const apiError = (code: number, reason: string, message: string) =>
  new ApiError({ apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message }, 'GET /x');

describe('explainError', () => {
  it.each([
    [
      'a server that is not there',
      new TransportError('unreachable', 'GET https://127.0.0.1:6443/apis: refused', 'ECONNREFUSED'),
      'the API server at https://127.0.0.1:6443 does not answer (ECONNREFUSED): is `npm start` running?',
      1,
    ],
    [
      'a remote one',
      new TransportError('timeout', 'GET https://k3s.lan:6443/apis: no answer in time', 'ETIMEDOUT'),
      'check the network, or choose another --context',
      1,
    ],
    [
      'another certificate',
      new TransportError('tls', 'GET https://127.0.0.1:1/x: self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
      'is not the one of the kubeconfig',
      1,
    ],
    ['an old token', apiError(401, 'Unauthorized', 'Unauthorized'), 'does not take your credentials', 1],
    [
      'missing CRDs',
      apiError(404, 'NotFound', 'the server could not find the requested resource'),
      'install the CRDs',
      1,
    ],
    [
      'a hub that is away',
      new HubUnreachable('http://127.0.0.1:8000', 'ECONNREFUSED'),
      'is `npm start` running? Else name another with --hub',
      1,
    ],
    [
      'another hub than the pinned one',
      new HubNotPinned('https://192.0.2.2:8000', 'it shows sha256:aa, not sha256:bb'),
      'give the fingerprint that it printed (--hub-fingerprint)',
      1,
    ],
    ['a missing kubeconfig', new KubeconfigError('no kubeconfig found'), 'no kubeconfig found', 1],
    ['a mistake on the command line', usageError('the goal is empty'), 'the goal is empty', 2],
    [
      "a refusal of the gate, with a stranger's words",
      apiError(422, 'Invalid', 'answered by \u001b[31mbob\nsecond line'),
      'answered by bob second line',
      1,
    ],
    ['anything else', 'x', 'x', 1],
  ])('says in one line what to do about %s', (_, error, words, code) => {
    const { line, exitCode } = explainError(error);
    expect(line).toContain(words);
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(exitCode).toBe(code);
  });
});
