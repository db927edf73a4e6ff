import type { KubeObject } from '@dark-carnival/crds';
import { createTransport, KubeClient, PoolRegistry } from '@dark-carnival/kube';
import { type Answer, answerJson, startHttpServer, type TestServer, WIDGETS } from '@dark-carnival/kube/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';
import { controllerOf, controllerReference, isOwnedBy } from './owner-references.ts';
import { patchStatus, statusPatch } from './status-patch.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

async function clientOf(answer: Answer) {
  server = await startHttpServer(answer);
  return { server, client: new KubeClient(createTransport(server.config(), { pools: new PoolRegistry() })) };
}

interface Status {
  phase?: string;
  tasks?: string[];
  plan?: { hash?: string; summary?: string };
}

const widget = (status?: Status): KubeObject<unknown, Status> => ({
  apiVersion: 'example.dev/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'show', uid: 'u', resourceVersion: '7', finalizers: ['other'] },
  ...(status ? { status } : {}),
});
const before = widget({ phase: 'Pending', plan: { hash: 'x', summary: 's' } });

describe('statusPatch', () => {
  it('is nothing for a status that is there already', () => {
    expect(statusPatch(before, structuredClone(before.status ?? {}), { lock: 'Required' })).toBeUndefined();
    expect(statusPatch<Status>(widget(), {})).toBeUndefined();
  });

  it('is a merge patch of what changed, with the version only when asked', () => {
    const after: Status = { phase: 'Ready', plan: { hash: 'x' } };
    const status = { phase: 'Ready', plan: { summary: null } };
    expect(statusPatch<Status>(before, after)).toEqual({ type: 'merge', body: { status } });
    expect(statusPatch<Status>(before, after, { lock: 'Required' })).toEqual({
      type: 'merge',
      body: { metadata: { resourceVersion: '7' }, status },
    });
  });

  it('is a JSON patch that first tests what it relies on', () => {
    const tests = [{ path: '/status/phase', value: 'Pending' }];
    expect(statusPatch<Status>(before, { ...before.status, phase: 'Ready' }, { lock: 'Required', tests })).toEqual({
      type: 'json',
      operations: [
        { op: 'test', path: '/metadata/resourceVersion', value: '7' },
        { op: 'test', path: '/status/phase', value: 'Pending' },
        { op: 'add', path: '/status/phase', value: 'Ready' },
      ],
    });
    expect(statusPatch<Status>(widget(), { phase: 'New' }, { form: 'json' })).toEqual({
      type: 'json',
      operations: [{ op: 'add', path: '/status', value: { phase: 'New' } }],
    });
  });
});

describe('patchStatus', () => {
  it('sends nothing for a no-op and one request else', async () => {
    const { server, client } = await clientOf(({ body }, response) => answerJson(response, 200, JSON.parse(body)));
    expect(await patchStatus(client, WIDGETS, before, { ...before.status })).toBeUndefined();
    expect(server.requests).toHaveLength(0);
    await patchStatus(client, WIDGETS, before, { phase: 'Ready' });
    expect(server.requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'PATCH /apis/example.dev/v1/namespaces/show/widgets/a/status',
    ]);
  });

  const refusals = [
    {
      name: 'a conflict',
      code: 409,
      reason: 'Conflict',
      causes: [],
      tests: false,
      want: { name: 'TransientError', silent: true },
    },
    {
      name: 'a test that did not hold',
      code: 422,
      reason: 'Invalid',
      causes: [],
      tests: true,
      want: { name: 'TransientError', silent: true, reason: 'Conflict' },
    },
    {
      name: 'a schema error',
      code: 422,
      reason: 'Invalid',
      causes: [{ field: 'status.phase' }],
      tests: true,
      want: { name: 'ApiError', code: 422 },
    },
    {
      name: 'an object that is gone',
      code: 404,
      reason: 'NotFound',
      causes: [],
      tests: false,
      want: { name: 'TransientError', silent: true },
    },
    {
      name: 'an overloaded server',
      code: 503,
      reason: 'ServiceUnavailable',
      causes: [],
      tests: true,
      want: { name: 'TransientError', reason: 'ApiUnavailable' },
    },
  ];
  it.each(refusals)('after $name throws $want.name', async ({ code, reason, causes, tests, want }) => {
    const { client } = await clientOf((_request, response) =>
      answerJson(response, code, { kind: 'Status', code, reason, details: { causes } }),
    );
    const options = tests ? { tests: [{ path: '/status/phase', value: 'Pending' }] } : {};
    await expect(patchStatus(client, WIDGETS, before, { phase: 'X' }, options)).rejects.toMatchObject(want);
  });
});

describe('finalizers', () => {
  it('are added and removed with a lock, one write each, and none when nothing is to do', async () => {
    const { server, client } = await clientOf(({ body }, response) =>
      answerJson(response, 200, { ...before, metadata: { ...before.metadata, ...JSON.parse(body).metadata } }),
    );
    const added = await addFinalizer(client, WIDGETS, before, 'mine');
    expect(added.metadata.finalizers).toEqual(['other', 'mine']);
    expect(await addFinalizer(client, WIDGETS, added, 'mine')).toBe(added);
    await removeFinalizer(client, WIDGETS, added, 'mine');
    await removeFinalizer(client, WIDGETS, before, 'mine');
    expect(hasFinalizer(before, 'mine')).toBe(false);
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { metadata: { uid: 'u', resourceVersion: '7', finalizers: ['other', 'mine'] } },
      { metadata: { uid: 'u', resourceVersion: '7', finalizers: ['other'] } },
    ]);
  });

  it('a removal finds an object that is gone already fine; a lost race comes again', async () => {
    let code = 404;
    const { client } = await clientOf((_request, response) => answerJson(response, code, {}));
    const carrying = { ...before, metadata: { ...before.metadata, finalizers: ['mine'] } };
    await removeFinalizer(client, WIDGETS, carrying, 'mine');
    code = 409;
    await expect(removeFinalizer(client, WIDGETS, carrying, 'mine')).rejects.toMatchObject({ silent: true });
  });
});

describe('owner references', () => {
  it('tell an owner from an older object of the same name', () => {
    const child = { ...widget(), metadata: { name: 'c', ownerReferences: [controllerReference(before)] } };
    expect(controllerOf(child)).toEqual({
      apiVersion: 'example.dev/v1',
      kind: 'Widget',
      name: 'a',
      uid: 'u',
      controller: true,
      blockOwnerDeletion: true,
    });
    expect(isOwnedBy(child, before)).toBe(true);
    expect(isOwnedBy(child, { ...before, metadata: { ...before.metadata, uid: 'newer' } })).toBe(false);
    expect(() => controllerReference({ ...before, metadata: { name: 'a' } })).toThrow(TypeError);
  });
});
