import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIELD_MANAGERS } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { anObjective } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../testing/recording-terminal.ts';
import { decide } from '../objective/decide.ts';
import { runProgram } from '../program.ts';
import { Session } from '../session/session.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const request = {
  id: 'u-1',
  planHash: HASH,
  requestedAt: '2026-11-24T00:00:00Z',
  feedbackLeft: 5,
  forecast: { tokens: 1 },
};
const waiting = anObjective({ status: { phase: 'AwaitingHuman', approvalRequest: request } });

let dir: string;
let kubeconfig: string;
let server: Server;
let writes: { method: string | undefined; url: URL; type: string | undefined; body: unknown }[];

/** An API server that writes down what it is sent: here it counts what goes over the wire, which a real one would not tell. */
beforeEach(async () => {
  writes = [];
  server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const url = new URL(incoming.url ?? '/', 'http://x');
    const review = url.pathname.endsWith('/selfsubjectreviews');
    if (incoming.method === 'PATCH') {
      writes.push({ method: incoming.method, url, type: incoming.headers['content-type'], body: JSON.parse(body) });
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(review ? { status: { userInfo: { username: 'ann' } } } : waiting));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  dir = mkdtempSync(join(tmpdir(), 'carnival-decide-'));
  kubeconfig = join(dir, 'kubeconfig');
  const config = {
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'lab' } }],
    'current-context': 'c',
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

const deps = (terminal = recordingTerminal()) => ({
  env: {},
  cwd: dir,
  clock: systemClock,
  random: () => 0,
  terminal,
  interrupted: new AbortController().signal,
  readFile: () => '',
  readStdin: async () => '',
});

describe('what a decision sends', () => {
  it('is the whole member by JSON patch, under the manager that GitOps tools leave alone, in the name of the caller', async () => {
    const session = new Session({ kubeconfig }, deps());
    const terminal = recordingTerminal();
    await decide(session, waiting, request, { decision: 'Feedback', feedback: 'Use UTC' }, terminal);
    await session.close();
    const value = { requestID: 'u-1', planHash: HASH, decidedBy: 'ann', decision: 'Feedback', feedback: 'Use UTC' };
    expect(writes).toMatchObject([
      { type: 'application/json-patch+json', body: [{ op: 'add', path: '/spec/intervention', value }] },
    ]);
    expect(writes[0]?.url.searchParams.get('fieldManager')).toBe(FIELD_MANAGERS.approval);
    expect(writes[0]?.url.pathname).toBe('/apis/darkcarnival.dev/v1alpha1/namespaces/lab/objectives/tide-chart');
    expect(terminal.stderr()).toBe('');
  });

  it('is preceded by a warning where a GitOps tool owns the field', async () => {
    const fieldsV1 = { 'f:spec': { 'f:intervention': {} } };
    const owned = anObjective({ metadata: { managedFields: [{ manager: 'kustomize-controller', fieldsV1 }] } });
    const session = new Session({ kubeconfig }, deps());
    const terminal = recordingTerminal();
    await decide(session, owned, request, { decision: 'Approve' }, terminal);
    await session.close();
    expect(terminal.stderr()).toContain('warning: kustomize-controller owns spec.intervention');
  });

  it('never leaves with feedback that the API would not take', async () => {
    const session = new Session({ kubeconfig }, deps());
    const long = { decision: 'Feedback', feedback: 'é'.repeat(16_385) } as const;
    await expect(decide(session, waiting, request, long, recordingTerminal())).rejects.toMatchObject({ exitCode: 2 });
    await session.close();
    expect(writes).toEqual([]);
  });

  it('as abort is the latch, under the control manager, and names where it went', async () => {
    const terminal = recordingTerminal();
    expect(await runProgram(['abort', 'tide-chart', '--kubeconfig', kubeconfig], deps(terminal))).toBe(0);
    expect(writes).toMatchObject([
      { type: 'application/merge-patch+json', body: { spec: { desiredState: 'Aborted' } } },
    ]);
    expect(writes[0]?.url.searchParams.get('fieldManager')).toBe(FIELD_MANAGERS.control);
    expect(terminal.stdout()).toMatch(/^tide-chart aborted in context c \(http:\/\/127.0.0.1:\d+\), namespace lab$/m);
  });
});

describe('runProgram', () => {
  it('takes the connection options before and after the command', async () => {
    for (const args of [
      ['--kubeconfig', kubeconfig, '-o', 'json', 'status', 'tide-chart'],
      ['status', 'tide-chart', '--kubeconfig', kubeconfig, '-o', 'json'],
    ]) {
      const terminal = recordingTerminal();
      expect(await runProgram(args, deps(terminal))).toBe(0);
      expect(JSON.parse(terminal.stdout())).toMatchObject({ metadata: { name: 'tide-chart' } });
    }
  });

  it('has examples in the help of every command', async () => {
    const commands = ['run', 'status', 'plan', 'approve', 'feedback', 'abort', 'transcript', 'logs', 'open'].map(
      (name) => [name],
    );
    for (const words of [[], ...commands, ...['ls', 'cat', 'get', 'rm'].map((name) => ['vault', name])]) {
      const terminal = recordingTerminal();
      expect(await runProgram([...words, '--help'], deps(terminal))).toBe(0);
      expect(terminal.stdout(), words.join(' ')).toMatch(/Examples:\n {2}\$ (carnival|npm)/);
    }
  });
});
