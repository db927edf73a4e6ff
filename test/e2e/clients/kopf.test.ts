import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  createTransport,
  EVENTS,
  KubeClient,
  loadKubeconfig,
  type Transport,
} from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import { requiresTier } from '../../harness/required-tiers.ts';
import { findKopf } from './kopf-environment.ts';
import { LocalProcess } from './local-process.ts';

/** A small operator in Python, by the framework of others, on the local server. */

const OPERATOR = join(import.meta.dirname, 'operator.py');
const namespace = 'default';
const TENTS: ResourceRef = {
  group: 'clients.darkcarnival.dev',
  version: 'v1',
  plural: 'tents',
  kind: 'Tent',
  namespaced: true,
};
interface Tent extends KubeObject {
  spec: { seats: number; wind?: boolean };
  status?: { phase?: string; seats?: number; pitch?: { tries: number }; burnt?: number };
}
const integer = { type: 'integer' };
const text = { type: 'string' };
const TENTS_CRD: KubeObject & { spec: object } = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${TENTS.plural}.${TENTS.group}` },
  spec: {
    group: TENTS.group,
    scope: 'Namespaced',
    names: { plural: TENTS.plural, kind: TENTS.kind },
    versions: [
      {
        name: TENTS.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { seats: integer, wind: { type: 'boolean' } } },
              status: {
                type: 'object',
                properties: {
                  phase: text,
                  seats: integer,
                  burnt: integer,
                  pitch: { type: 'object', properties: { tries: integer } },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const choice = await findKopf();
if ('missing' in choice) console.warn(`\n*** KOPF SKIPPED: ${choice.missing}\n`);

it.runIf(requiresTier('clients'))('has a kopf to run, as this run requires', () => {
  expect(choice).not.toHaveProperty('missing');
});

describe.skipIf('missing' in choice)('a kopf operator', () => {
  let server: LocalProcess;
  let transport: Transport;
  let client: KubeClient;
  let operator: ChildProcess;
  let log = '';

  beforeAll(async () => {
    if ('missing' in choice) return;
    server = await LocalProcess.start();
    transport = createTransport(loadKubeconfig({ path: server.kubeconfig, env: {} }));
    client = new KubeClient(transport);
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, TENTS_CRD);
    operator = spawn(
      choice.python,
      ['-m', 'kopf', 'run', '--standalone', '--namespace', namespace, '--verbose', OPERATOR],
      {
        env: { ...process.env, KUBECONFIG: server.kubeconfig, PYTHONDONTWRITEBYTECODE: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [operator.stdout, operator.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
      });
  });

  afterAll(async () => {
    if (operator?.exitCode === null) {
      const exited = once(operator, 'exit');
      operator.kill('SIGKILL');
      await exited;
    }
    await transport?.close();
    await server?.stop();
  });

  const create = (name: string, spec: Tent['spec'], metadata: Partial<KubeObject['metadata']> = {}) =>
    client.create<Tent>(TENTS, {
      apiVersion: `${TENTS.group}/${TENTS.version}`,
      kind: TENTS.kind,
      metadata: { ...metadata, name, namespace },
      spec,
    });
  const get = (name: string) => client.find<Tent>(TENTS, { namespace, name });
  /** Waits until a tent is as wanted. */
  const until = async (name: string, what: string, is: (tent: Tent) => boolean): Promise<Tent> => {
    let seen: Tent | undefined;
    const look = async () => {
      seen = await get(name);
      return seen && is(seen) ? seen : undefined;
    };
    return eventually(look, { timeoutMs: 40_000, what }).catch((error: unknown) => {
      throw new Error(`${name} is not ${what}: ${JSON.stringify(seen)}\n${log.slice(-4000)}`, { cause: error });
    });
  };
  const remove = async (name: string) => {
    await client.delete(TENTS, { namespace, name });
    await eventually(async () => ((await get(name)) === undefined ? true : undefined), {
      timeoutMs: 40_000,
      what: `${name} to be gone`,
    }).catch((error: unknown) => {
      throw new Error(log.slice(-4000), { cause: error });
    });
  };
  /** Waits for an event that the operator recorded. */
  const toRecord = (name: string, message: string) =>
    eventually(
      async () => {
        const { items } = await client.list<KubeObject & { message: string; source: { component: string } }>(EVENTS, {
          namespace,
          fieldSelector: `involvedObject.kind=Tent,involvedObject.name=${name}`,
        });
        return items.find((event) => event.message.includes(message));
      },
      { timeoutMs: 20_000, what: `the event "${message}" of ${name}` },
    );

  it('handles a new object: writes its status, its finalizer and what it last saw, and records events', async () => {
    await create('a', { seats: 100 });
    const pitched = await until('a', 'pitched', ({ status }) => status?.phase === 'Pitched');
    expect(pitched.status).toEqual({ phase: 'Pitched', seats: 100, pitch: { tries: 1 } });
    expect(pitched.metadata.finalizers).toEqual([expect.stringContaining('kopf')]);
    const annotations = JSON.stringify(pitched.metadata.annotations);
    expect(annotations).toContain('last-handled-configuration');
    expect(pitched.metadata.generation).toBe(1);
    expect(await toRecord('a', 'The tent stands')).toMatchObject({
      reason: 'Pitched',
      type: 'Normal',
      source: { component: 'kopf' },
    });
  });

  it('keeps the progress of a handler that has to try again in annotations, and takes it away', async () => {
    await create('windy', { seats: 1, wind: true });
    const isTried = ({ metadata }: Tent) =>
      Object.keys(metadata.annotations ?? {}).some((key) => key.endsWith('/pitch'));
    await until('windy', 'in progress', isTried);
    const pitched = await until('windy', 'pitched', ({ status }) => status?.phase === 'Pitched');
    expect(pitched.status?.pitch).toEqual({ tries: 2 });
    await until('windy', 'at rest', (tent) => !isTried(tent));
  });

  it('handles a change of spec, once', async () => {
    await create('b', { seats: 10 });
    await until('b', 'pitched', ({ status }) => status?.phase === 'Pitched');
    await client.patch(TENTS, { namespace, name: 'b' }, { type: 'merge', body: { spec: { seats: 20 } } });
    await until('b', 'seated anew', ({ status }) => status?.seats === 20);
    await toRecord('b', 'Seats went from 10 to 20');
    expect(log.match(/Seats went from 10 to 20/g)).toHaveLength(1);
  });

  it('handles a deletion before the object is gone', async () => {
    await create('c', { seats: 1 });
    await until('c', 'pitched', ({ status }) => status?.phase === 'Pitched');
    await remove('c');
    expect(log).toContain('Struck c');
    await toRecord('c', 'Struck c');
  });

  it('runs timers and daemons as long as an object is there', async () => {
    await create('d', { seats: 1 }, { labels: { lit: 'yes' }, annotations: { guarded: 'yes' } });
    await until('d', 'burning', ({ status }) => (status?.burnt ?? 0) >= 3);
    await toRecord('d', 'Guard mounted');
    await remove('d');
    expect(log).toContain('Guard relieved');
  });

  it('goes on after the server was killed and started again', async () => {
    await create('e', { seats: 5 });
    await until('e', 'pitched', ({ status }) => status?.phase === 'Pitched');
    await server.restart();
    await client.patch(TENTS, { namespace, name: 'e' }, { type: 'merge', body: { spec: { seats: 6 } } });
    await create('f', { seats: 7 });
    await until('e', 'seated anew', ({ status }) => status?.seats === 6);
    await until('f', 'pitched', ({ status }) => status?.phase === 'Pitched');
  });

  it('ends as it was asked to, without an error of its own', async () => {
    const exited = once(operator, 'exit');
    operator.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(log).not.toMatch(/Traceback \(most recent call last\)/);
  });
});
