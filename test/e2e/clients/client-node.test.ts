import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import {
  ApiException,
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  loadYaml,
  PatchStrategy,
  setHeaderOptions,
  type V1CustomResourceDefinition,
  VersionApi,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import { LocalProcess } from './local-process.ts';

/** The official JavaScript client against the local server, with nothing but the kubeconfig that the server writes. */

const CRDS = join(import.meta.dirname, '..', '..', '..', 'crds', 'generated');
const { group, version, plural } = OBJECTIVES;
const namespace = 'default';
const objectives = { group, version, namespace, plural };

let server: LocalProcess;
let config: KubeConfig;

beforeAll(async () => {
  server = await LocalProcess.start();
  config = new KubeConfig();
  config.loadFromFile(server.kubeconfig);
  const api = config.makeApiClient(ApiextensionsV1Api);
  for (const file of readdirSync(CRDS)) {
    const body = loadYaml<V1CustomResourceDefinition>(readFileSync(join(CRDS, file), 'utf8'));
    const { metadata } = await api.createCustomResourceDefinition({ body });
    await eventually(
      async () => {
        const { status } = await api.readCustomResourceDefinition({ name: metadata?.name ?? '' });
        return status?.conditions?.find(({ type }) => type === 'Established')?.status === 'True' ? true : undefined;
      },
      { timeoutMs: 10_000, what: `${file} to be established` },
    );
  }
});
afterAll(() => server?.stop());

const patchAs = (strategy: PatchStrategy) => setHeaderOptions('Content-Type', strategy);
const objective = (name: string, spec: object = {}) => ({
  apiVersion: `${group}/${version}`,
  kind: 'Objective',
  metadata: { name, labels: { show: 'tide' } },
  spec: { directive: 'Plan a tide chart', ...spec },
});

/** The error that a call ends with, as the client tells it. */
async function refusal(call: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiException)) throw new Error('the call was not refused', { cause: error });
  const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
  return { code: error.code, reason: status.reason, message: status.message };
}

describe('client-node', () => {
  it('reads the kubeconfig, and asks for the version and for what is served', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toContain('carnival');
    const { resources } = await config.makeApiClient(CustomObjectsApi).getAPIResources({ group, version });
    expect(resources.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['objectives', 'objectives/status', 'wagons', 'modelproviders']),
    );
  });

  it('creates, reads, lists, replaces and deletes Objectives', async () => {
    const api = config.makeApiClient(CustomObjectsApi);
    const made: Objective = await api.createNamespacedCustomObject({ ...objectives, body: objective('crud') });
    expect(made.spec).toMatchObject({ directive: 'Plan a tide chart', desiredState: 'Running' });
    const list = await api.listNamespacedCustomObject({ ...objectives, labelSelector: 'show=tide', limit: 1 });
    expect(list.items.map((item: Objective) => item.metadata.name)).toEqual(['crud']);
    const body = { ...made, spec: { ...made.spec, desiredState: 'Paused' } };
    const replaced: Objective = await api.replaceNamespacedCustomObject({ ...objectives, name: 'crud', body });
    expect(replaced.metadata.generation).toBe(2);
    expect(await refusal(api.replaceNamespacedCustomObject({ ...objectives, name: 'crud', body }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    await api.deleteNamespacedCustomObject({ ...objectives, name: 'crud' });
    expect(await refusal(api.getNamespacedCustomObject({ ...objectives, name: 'crud' }))).toMatchObject({
      code: 404,
      message: 'objectives.darkcarnival.dev "crud" not found',
    });
  });

  it('patches an Objective and its status with each type that custom resources have', async () => {
    const api = config.makeApiClient(CustomObjectsApi);
    await api.createNamespacedCustomObject({ ...objectives, body: objective('patched') });
    const target = { ...objectives, name: 'patched' };
    const merged: Objective = await api.patchNamespacedCustomObject(
      { ...target, body: { spec: { desiredState: 'Paused' } } },
      patchAs(PatchStrategy.MergePatch),
    );
    expect(merged.spec?.desiredState).toBe('Paused');
    // The client's own default.
    const patched: Objective = await api.patchNamespacedCustomObject({
      ...target,
      body: [{ op: 'add', path: '/metadata/labels/x', value: 'y' }],
    });
    expect(patched.metadata.labels).toEqual({ show: 'tide', x: 'y' });
    const told: Objective = await api.patchNamespacedCustomObjectStatus(
      { ...target, body: { status: { phase: 'Pending' }, spec: { desiredState: 'Running' } } },
      patchAs(PatchStrategy.MergePatch),
    );
    expect([told.status?.phase, told.spec?.desiredState]).toEqual(['Pending', 'Paused']);
    const strategic = api.patchNamespacedCustomObject(
      { ...target, body: { spec: {} } },
      patchAs(PatchStrategy.StrategicMergePatch),
    );
    expect((await refusal(strategic)).code).toBe(415);
  });

  it('is told why an Objective is not taken', async () => {
    const api = config.makeApiClient(CustomObjectsApi);
    const create = (body: object, more: object = {}) =>
      refusal(api.createNamespacedCustomObject({ ...objectives, body, ...more }));
    expect(await create(objective('wrong', { desiredState: 'Dancing' }))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: expect.stringContaining('spec.desiredState: Unsupported value: "Dancing"'),
    });
    expect(await create(objective('wrong', { bogus: 1 }), { fieldValidation: 'Strict' })).toMatchObject({
      code: 400,
      message: expect.stringContaining('unknown field "spec.bogus"'),
    });
    const { metadata } = await api.createNamespacedCustomObject({
      ...objectives,
      body: objective('dry'),
      dryRun: 'All',
    });
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect((await refusal(api.getNamespacedCustomObject({ ...objectives, name: 'dry' }))).code).toBe(404);
  });

  it('keeps ConfigMaps, with strategic merge and JSON patches', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'c' }, data: { a: '1', b: '2' } } });
    const target = { namespace, name: 'c' };
    await api.patchNamespacedConfigMap(
      { ...target, body: { data: { a: null, c: '3' } } },
      patchAs(PatchStrategy.StrategicMergePatch),
    );
    await api.patchNamespacedConfigMap({ ...target, body: [{ op: 'replace', path: '/data/b', value: '4' }] });
    const found = await api.readNamespacedConfigMap(target);
    expect(found.data).toEqual({ b: '4', c: '3' });
    expect(found.metadata?.creationTimestamp).toBeInstanceOf(Date);
    await api.replaceNamespacedConfigMap({ ...target, body: { ...found, data: { only: 'this' } } });
    await api.deleteNamespacedConfigMap(target);
    expect((await refusal(api.readNamespacedConfigMap(target))).code).toBe(404);
  });

  it('keeps Secrets, encoded, and the type that they were made with', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const body = { metadata: { name: 's' }, stringData: { token: 'abc' }, type: 'Opaque' };
    await api.createNamespacedSecret({ namespace, body });
    const found = await api.readNamespacedSecret({ namespace, name: 's' });
    expect([found.data, found.stringData, found.type]).toEqual([{ token: 'YWJj' }, undefined, 'Opaque']);
    const changed = refusal(
      api.replaceNamespacedSecret({ namespace, name: 's', body: { ...found, type: 'example.com/other' } }),
    );
    expect(await changed).toMatchObject({ code: 422, message: expect.stringContaining('field is immutable') });
  });

  it('records Events and finds them by what they are about', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const regarding = (name: string) => ({ apiVersion: `${group}/${version}`, kind: 'Objective', name, namespace });
    for (const name of ['one', 'two'])
      await api.createNamespacedEvent({
        namespace,
        body: {
          metadata: { name: `${name}.1` },
          involvedObject: regarding(name),
          reason: 'Seen',
          type: 'Normal',
          message: `${name} was seen`,
          firstTimestamp: new Date(),
          lastTimestamp: new Date(),
          count: 1,
        },
      });
    const { items } = await api.listNamespacedEvent({ namespace, fieldSelector: 'involvedObject.name=two' });
    expect(items.map(({ message }) => message)).toEqual(['two was seen']);
  });

  it('walks a list page by page', async () => {
    const api = config.makeApiClient(CoreV1Api);
    for (const name of ['p1', 'p2', 'p3'])
      await api.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { page: 'yes' } } } });
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page = await api.listNamespacedConfigMap({
        namespace,
        labelSelector: 'page=yes',
        limit: 2,
        ...(next ? { _continue: next } : {}),
      });
      seen.push(...page.items.map(({ metadata }) => metadata?.name ?? ''));
      next = page.metadata?._continue;
    } while (next);
    expect(seen).toEqual(['p1', 'p2', 'p3']);
  });

  it('works on any kind through discovery alone', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const wagon = {
      apiVersion: `${group}/${version}`,
      kind: 'Wagon',
      metadata: { name: 'generic', namespace },
      spec: { nodeID: 'GENERIC', role: 'CORE', runtime: { type: 'Process', process: { port: 8199 } } },
    };
    const made = await api.create(wagon);
    expect(made.metadata).toMatchObject({ uid: expect.any(String) });
    const patch = { ...wagon, spec: { maxConcurrentJobs: 3 } };
    await api.patch(patch, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
    expect(await api.read(wagon)).toMatchObject({ spec: { maxConcurrentJobs: 3, nodeID: 'GENERIC' } });
    const { items } = await api.list(wagon.apiVersion, 'Wagon', namespace);
    expect(items).toHaveLength(1);
    await api.delete(wagon);
    expect((await refusal(api.read(wagon))).code).toBe(404);
  });
});
