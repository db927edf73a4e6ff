import { API_VERSION, type KubeObject, WAGONS, type Wagon, wagonTokenSecretName } from '@dark-carnival/crds';
import { EVENTS, SECRETS } from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { fastClock } from '../harness/fast-clock.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

type Event = KubeObject & { reason: string; type: string; involvedObject: { name: string } };

/** Stale is 35 s, evicted 50 s: real seconds would make these tests minutes. */
const FASTER = 6;

describe('wagons that came by themselves and went silent', () => {
  let stack: RingmasterStack;
  let wagon: ScriptedWagon;
  beforeEach(async () => {
    stack = await RingmasterStack.start(fastClock(FASTER));
    wagon = new ScriptedWagon({ nodeID: 'LXC-Garage' });
  });
  afterEach(() => stack.stop());

  const phase = (name: string, wanted: string) => stack.wagon(name, ({ status }) => status?.phase === wanted);
  const find = (name: string) => stack.client.find<Wagon>(WAGONS, { namespace: 'default', name });
  const gone = (name: string) =>
    eventually(async () => ((await find(name)) ? undefined : true), { timeoutMs: 30_000, what: `${name} to be gone` });
  const events = async () => (await stack.client.list<Event>(EVENTS, { namespace: 'default' })).items;
  const event = (name: string, reason: string) =>
    eventually(
      async () => (await events()).find((each) => each.involvedObject.name === name && each.reason === reason),
      { timeoutMs: 10_000, what: `the Event ${reason} of ${name}` },
    );

  it('are stale, then evicted, told by Events, and Ready with the next heartbeat', async () => {
    await stack.admit(wagon);
    await wagon.die();
    await phase(wagon.name, 'Stale');
    const evicted = await phase(wagon.name, 'Evicted');
    expect(evicted.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Evicted', status: 'True' }));
    expect(await event(wagon.name, 'Stale')).toMatchObject({ type: 'Warning' });
    expect(await event(wagon.name, 'Evicted')).toMatchObject({ type: 'Warning' });
    await wagon.start();
    wagon.keepBeating(stack.hubUrl, 200);
    const back = await phase(wagon.name, 'Ready');
    expect(back.metadata.uid).toBe(evicted.metadata.uid);
    expect(back.status?.conditions?.map(({ type }) => type)).not.toContain('Evicted');
  });

  it('are not evicted while they answer, and never where somebody declared them', async () => {
    const declared = new ScriptedWagon({ nodeID: 'LXC-CORE' });
    await stack.join(declared);
    await stack.admit(wagon);
    await declared.die();
    wagon.stopBeating();
    const stale = await phase(wagon.name, 'Stale');
    expect(stale.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', reason: 'NoHeartbeat' }));
    await phase('lxc-core', 'Stale');
    // As long again as both would have needed.
    const until = Date.now() + 70_000 / FASTER;
    while (Date.now() < until) {
      expect((await find(wagon.name))?.status?.phase).toBe('Stale');
      expect((await find('lxc-core'))?.status?.phase).toBe('Stale');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });

  it('lose their object after its time, but not their token, and are made anew by their next heartbeat', async () => {
    await stack.admit(wagon, { retainAfterEvictionSeconds: 0 });
    const { metadata } = (await find(wagon.name)) as Wagon;
    await wagon.die();
    await gone(wagon.name);
    const secret = { namespace: 'default', name: wagonTokenSecretName(wagon.name) };
    expect(await stack.client.find(SECRETS, secret)).toBeDefined();
    await wagon.start();
    wagon.keepBeating(stack.hubUrl, 200);
    const back = await phase(wagon.name, 'Ready');
    expect(back.metadata.uid).not.toBe(metadata.uid);
    expect(back.metadata.labels).toMatchObject({ 'darkcarnival.dev/registration': 'Self' });
    expect(back.spec).toMatchObject({ nodeID: 'LXC-Garage', runtime: { type: 'External' }, providers: [] });
  });

  it('keep their object while an Objective has its files there', async () => {
    await stack.admit(wagon, { retainAfterEvictionSeconds: 0 });
    const name = await stack.state({ directive: 'Files to keep', approval: { mode: 'Auto' } });
    await stack.phase(name, 'Completed');
    await wagon.die();
    const held = await stack.wagon(wagon.name, ({ status }) =>
      (status?.conditions ?? []).some(({ type, reason }) => type === 'DeletionHeld' && reason === 'InUse'),
    );
    expect(held.status?.phase).toBe('Evicted');
    await stack.remove(name);
    await gone(wagon.name);
  });

  it('are not deleted when most of a fleet goes silent at once, and work moves on all the same', async () => {
    const fleet = [1, 2, 3, 4].map((index) => new ScriptedWagon({ nodeID: `LXC-${index}`, script: () => 'run' }));
    const survivor = new ScriptedWagon({ nodeID: 'LXC-Survivor' });
    for (const each of fleet) await stack.admit(each, { retainAfterEvictionSeconds: 0 });
    const name = await stack.state({ directive: 'Move on' });
    await stack.wait(name, ({ phase: now }) => now === 'Debating');
    await stack.admit(survivor, { retainAfterEvictionSeconds: 0 });
    await Promise.all(fleet.map((each) => each.die()));
    for (const each of fleet) {
      const held = await stack.wagon(each.name, ({ status }) =>
        (status?.conditions ?? []).some(({ type, reason }) => type === 'DeletionHeld' && reason === 'MassSilence'),
      );
      expect(held.status?.phase).toBe('Evicted');
    }
    expect((await events()).filter(({ reason }) => reason === 'MassSilence')).toHaveLength(1);
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status).toMatchObject({ wagonName: survivor.name, debate: { attempt: 2 } });
    // Half are back: the brake is let go, and the others are deleted.
    for (const each of fleet.slice(0, 2)) {
      await each.start();
      each.keepBeating(stack.hubUrl, 200);
      await phase(each.name, 'Ready');
    }
    for (const each of fleet.slice(2)) await gone(each.name);
  });

  it('are refused a name that somebody has declared, and the declared one says what to do', async () => {
    await stack.admit(wagon);
    wagon.stopBeating();
    await stack.client.delete(WAGONS, { namespace: 'default', name: wagon.name });
    await stack.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: wagon.name, namespace: 'default' },
      spec: { nodeID: wagon.nodeID, role: 'CORE', runtime: { type: 'External' } },
    });
    const refused = await phase(wagon.name, 'Failed');
    expect(refused.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', reason: 'TokenOfAnotherWagon' }),
    );
    expect(await wagon.beat(stack.hubUrl)).toBe(409);
    expect(wagon.grants).toEqual([{ providers: [], digest: expect.any(String) }]);
  });
});
