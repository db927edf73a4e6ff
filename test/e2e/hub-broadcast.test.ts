import {
  type BroadcastAnswer,
  broadcastAnswerSchema,
  LABELS,
  OBJECTIVES,
  type Objective,
  WAGONS,
} from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

describe('a global event', () => {
  let stack: RingmasterStack;
  const wagons = ['LXC-CORE', 'LXC-OSINT', 'LXC-MEDIA'].map(
    (nodeID) => new ScriptedWagon({ nodeID, role: nodeID.slice(4) }),
  );

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    for (const wagon of wagons) await stack.join(wagon);
  });
  afterAll(async () => {
    await stack.stop();
  });

  const send = async (body: object): Promise<{ status: number; answer: BroadcastAnswer; text: string }> => {
    const response = await fetch(`${stack.hubUrl}/api/swarm/broadcast`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test-token-of-the-local-engine' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = broadcastAnswerSchema.safeParse(JSON.parse(text));
    return {
      status: response.status,
      answer: parsed.data ?? { event: '', dryRun: true, objectives: [], skipped: [] },
      text,
    };
  };
  const made = async () => (await stack.client.list<Objective>(OBJECTIVES, { namespace: 'default' })).items;

  it('is shown first, and makes nothing', async () => {
    const { status, answer } = await send({ objective: 'Report your state', event: 'drill' });
    expect(status).toBe(200);
    expect(answer).toEqual({
      event: 'drill',
      dryRun: true,
      objectives: ['lxc-core', 'lxc-media', 'lxc-osint'].map((wagon) => ({
        wagon,
        name: `drill-${wagon}`,
        outcome: 'Planned',
      })),
      skipped: [],
    });
    expect(await made()).toEqual([]);
  });

  it('is one Objective for each wagon, in the name of who asked; said again it makes nothing twice', async () => {
    const event = { objective: 'Report your state', event: 'drill', dry_run: false };
    const first = await send(event);
    expect(first.status).toBe(201);
    expect(first.answer.objectives.map(({ outcome }) => outcome)).toEqual(['Created', 'Created', 'Created']);
    const objectives = await made();
    expect(
      objectives
        .map(({ metadata, spec }) => [metadata.labels?.[LABELS.event], spec?.wagonName, spec?.requestedBy])
        .sort(),
    ).toEqual([
      ['drill', 'lxc-core', 'admin'],
      ['drill', 'lxc-media', 'admin'],
      ['drill', 'lxc-osint', 'admin'],
    ]);
    for (const { metadata } of objectives) await stack.phase(metadata.name, 'AwaitingHuman');
    await stack.remove('drill-lxc-media');
    const again = await send(event);
    expect(again.answer.objectives.map(({ wagon, outcome }) => `${wagon} ${outcome}`)).toContain('lxc-core Exists');
    expect((await made()).length).toBeGreaterThanOrEqual(3);
  });

  it('does nothing at all where one of its Objectives would be refused', async () => {
    const before = (await made()).length;
    await stack.state({ directive: 'In the way' }, { name: 'clash-lxc-osint' });
    const { status, text } = await send({ objective: 'Other words', event: 'clash', dry_run: false });
    expect([status, text]).toEqual([422, expect.stringContaining('clash-lxc-osint: another Objective has this name')]);
    expect((await made()).length).toBe(before + 1);
  });

  it('leaves out who cannot be called, and says why', async () => {
    await stack.client.patch(
      WAGONS,
      { namespace: 'default', name: 'lxc-core' },
      { type: 'merge', body: { spec: { scheduling: 'Cordoned' } } },
    );
    await stack.wagon(
      'lxc-core',
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Cordoned') ?? false,
    );
    const { answer } = await send({ objective: 'Media only', role: 'MEDIA' });
    expect(answer.objectives.map(({ wagon }) => wagon)).toEqual(['lxc-media']);
    expect(answer.skipped).toEqual([
      { wagon: 'lxc-core', why: 'plays CORE, not MEDIA' },
      { wagon: 'lxc-osint', why: 'plays OSINT, not MEDIA' },
    ]);
    const all = await send({ objective: 'All' });
    expect(all.answer.event).toMatch(/^all-[a-z0-9]{5}$/);
    expect(all.answer.skipped).toEqual([{ wagon: 'lxc-core', why: 'is Cordoned' }]);
    expect((await send({ objective: 'Nobody', role: 'CLOWN' })).status).toBe(404);
    expect((await send({ objective: '' })).status).toBe(400);
    expect((await send({ objective: 'x', event: 'Not A Label' })).status).toBe(400);
  });
});
