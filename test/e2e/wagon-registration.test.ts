import { createHash, randomBytes } from 'node:crypto';
import { API_VERSION, type KubeObject, WAGONS, type Wagon, wagonTokenSecretName } from '@dark-carnival/crds';
import { SECRETS, type Secret } from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeWagonRegistry } from '../../controller/src/adapters/kube-wagon-registry.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const claimOf = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex')}`;
const GARAGE = { nodeID: 'LXC-Garage', role: 'CORE' };

describe('wagons that register themselves', () => {
  let stack: RingmasterStack;
  let registry: KubeWagonRegistry;
  beforeEach(async () => {
    stack = await RingmasterStack.start();
    registry = new KubeWagonRegistry(stack.client, randomBytes);
  });
  afterEach(() => stack.stop());

  const declare = (nodeID: string, name = nodeID.toLowerCase()) =>
    stack.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name, namespace: 'default' },
      spec: { nodeID, role: 'CORE', runtime: { type: 'External' } },
    });

  it('get a token and an object that says where they came from, and are granted no key', async () => {
    const issued = await registry.issueToken('default', GARAGE);
    expect(issued).toMatchObject({ outcome: 'issued', wagon: 'lxc-garage' });
    expect(await registry.createWagon('default', GARAGE)).toEqual({ outcome: 'created', wagon: 'lxc-garage' });
    expect(await registry.createWagon('default', GARAGE)).toEqual({ outcome: 'exists', wagon: 'lxc-garage' });
    const wagon = await stack.client.get<Wagon>(WAGONS, { namespace: 'default', name: 'lxc-garage' });
    expect(wagon.metadata.labels).toMatchObject({ 'darkcarnival.dev/registration': 'Self' });
    expect(wagon.spec).toMatchObject({ nodeID: 'LXC-Garage', runtime: { type: 'External' }, providers: [] });
    expect(await registry.registrationOf('default', 'lxc-garage')).toEqual(GARAGE);
  });

  it('are remembered by their token when their object is gone', async () => {
    await registry.issueToken('default', GARAGE);
    expect(await registry.registrationOf('default', 'lxc-garage')).toEqual(GARAGE);
    expect(await registry.registrationOf('default', 'lxc-other')).toBeUndefined();
  });

  it('never take over a wagon that was declared, nor its token', async () => {
    await declare('LXC-CORE');
    await stack.wagon('lxc-core', ({ status }) => status?.phase === 'Provisioning');
    const core = { nodeID: 'LXC-CORE', role: 'CORE' };
    expect(await registry.issueToken('default', core)).toMatchObject({ outcome: 'taken' });
    expect(await registry.createWagon('default', core)).toMatchObject({ outcome: 'taken' });
    await stack.client.delete(WAGONS, { namespace: 'default', name: 'lxc-core' });
    expect(await registry.issueToken('default', core)).toMatchObject({ outcome: 'taken' });
    expect(await registry.registrationOf('default', 'lxc-core')).toBeUndefined();
  });

  it('give their token to nobody else, but again to whoever proves to be the same', async () => {
    const request = { ...GARAGE, claim: claimOf('known to one wagon') };
    const first = await registry.issueToken('default', request);
    expect(await registry.issueToken('default', request)).toEqual(first);
    for (const other of [{}, { claim: claimOf('a guess') }, { nodeID: 'LXC_GARAGE', claim: request.claim }]) {
      const { claim: _, ...withoutClaim } = request;
      expect(await registry.issueToken('default', { ...withoutClaim, ...other })).toMatchObject({ outcome: 'taken' });
    }
  });

  it('are given one token where two ask at once', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => registry.issueToken('default', GARAGE)));
    expect(outcomes.filter(({ outcome }) => outcome === 'issued')).toHaveLength(1);
  });

  it.each([
    { nodeID: 'all', role: 'CORE' },
    { nodeID: 'ALL', role: 'CORE' },
    { nodeID: '../etc', role: 'CORE' },
    { nodeID: 'a\u001b[31m', role: 'CORE' },
    { nodeID: 'x'.repeat(53), role: 'CORE' },
    { nodeID: '', role: 'CORE' },
    { nodeID: 'ok', role: '-bad' },
    { nodeID: 'ok', role: 'CORE', claim: 'short' },
  ])('are refused as %o', async (request) => {
    expect(await registry.issueToken('default', request)).toMatchObject({ outcome: 'invalid' });
    if (!('claim' in request))
      expect(await registry.createWagon('default', request)).toMatchObject({ outcome: 'invalid' });
    const name = wagonTokenSecretName(request.nodeID.toLowerCase() || 'x');
    const secrets = await stack.client.list<Secret>(SECRETS, { namespace: 'default' });
    expect(secrets.items.map(({ metadata }) => metadata.name)).not.toContain(name);
  });
});
