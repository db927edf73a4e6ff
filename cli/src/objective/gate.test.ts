import { execFileSync } from 'node:child_process';
import { type ApprovalRequest, FIELD_MANAGERS, interventionSchema } from '@dark-carnival/crds';
import { anObjective } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { openRequest } from './decide.ts';
import { interventionFor, interventionPatch, kubectlDecision } from './gate.ts';
import { gitOpsOwner } from './gitops-owner.ts';

const HASH = `sha256:${'4be1c0ffee00'.padEnd(64, '0')}`;
const REQUEST: ApprovalRequest = {
  id: 'uid-1',
  planHash: HASH,
  requestedAt: '2026-11-24T00:00:00Z',
  feedbackLeft: 5,
  forecast: { tokens: 1 },
};
const waiting = anObjective({ status: { phase: 'AwaitingHuman', approvalRequest: REQUEST } });

describe('a decision', () => {
  it('carries the request and the plan that were shown, whole, with a name', () => {
    const intervention = interventionFor(REQUEST, { decision: 'Feedback', feedback: 'Use UTC' }, 'ann');
    expect(interventionSchema.parse(intervention)).toEqual({
      requestID: 'uid-1',
      planHash: HASH,
      decision: 'Feedback',
      feedback: 'Use UTC',
      decidedBy: 'ann',
    });
    expect(interventionPatch(intervention)).toEqual({
      type: 'json',
      operations: [{ op: 'add', path: '/spec/intervention', value: intervention }],
    });
  });

  it('as a kubectl command comes out of a real shell as it went in, whoever decides', () => {
    const intervention = interventionFor(REQUEST, { decision: 'Approve' }, `o'neil "$(id)" \`x\``);
    const place = { namespace: 'lab', kubeconfig: '/home/o neil/.carnival/kubeconfig', context: 'c' };
    const command = kubectlDecision('tide-chart', intervention, place);
    const script = `kubectl() { printf '%s\\n' "$@"; }; ${command}`;
    const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
    expect(words.slice(0, -1)).toEqual([
      ...['--kubeconfig', '/home/o neil/.carnival/kubeconfig', '--context', 'c', '-n', 'lab'],
      ...['patch', 'objective', 'tide-chart', '--type', 'json', `--field-manager=${FIELD_MANAGERS.approval}`, '-p'],
    ]);
    expect(JSON.parse(words.at(-1) ?? '')).toEqual([{ op: 'add', path: '/spec/intervention', value: intervention }]);
  });
});

describe('openRequest', () => {
  it('is the one that was read, by its hash or the beginning of it', () => {
    expect(openRequest(waiting)).toBe(REQUEST);
    for (const pin of [HASH, 'sha256:4be1c0ffee00', '4BE1C0FFEE00']) expect(openRequest(waiting, pin)).toBe(REQUEST);
  });

  it('is refused where the plan is another one by now', () => {
    expect(() => openRequest(waiting, 'sha256:aaaaaaaaaaaa')).toThrow('now asks about another plan');
  });

  it('is refused for a pin that pins nothing, as a usage error', () => {
    for (const pin of ['4be1', 'sha256:', 'zzzzzzzzzzzz']) {
      expect(() => openRequest(waiting, pin), pin).toThrow(expect.objectContaining({ exitCode: 2 }));
    }
  });

  it('says who answered the last one where none is open', () => {
    const decided = anObjective({
      status: {
        phase: 'Executing',
        decisions: [
          {
            requestID: 'uid-1',
            planHash: HASH,
            decision: 'Approve',
            decidedBy: 'bob',
            at: REQUEST.requestedAt,
            prevHash: HASH,
          },
        ],
      },
    });
    expect(() => openRequest(decided)).toThrow(
      new CliError('tide-chart asks nothing now (phase Executing; the last was answered Approve by bob)'),
    );
  });
});

describe('gitOpsOwner', () => {
  const owned = (manager: string, fields: Record<string, unknown>) =>
    anObjective({ metadata: { managedFields: [{ manager, operation: 'Apply', fieldsV1: { 'f:spec': fields } }] } });

  it('warns of Flux and Argo CD only where they own the intervention', () => {
    expect(gitOpsOwner(owned('kustomize-controller', { 'f:intervention': {} }), 'intervention')).toBe(
      'kustomize-controller',
    );
    expect(gitOpsOwner(owned('argocd-controller', { 'f:intervention': {} }), 'intervention')).toBe('argocd-controller');
    expect(gitOpsOwner(owned('kustomize-controller', { 'f:directive': {} }), 'intervention')).toBeUndefined();
    expect(gitOpsOwner(owned(FIELD_MANAGERS.approval, { 'f:intervention': {} }), 'intervention')).toBeUndefined();
    expect(gitOpsOwner(anObjective(), 'intervention')).toBeUndefined();
  });
});
