import { type Heartbeat, heartbeatAnswerSchema, nodeViewSchema } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { ScriptedWagon } from '../../testing/scripted-wagon.ts';

const beat: Heartbeat = {
  nodeID: 'LXC-CORE',
  role: 'CORE',
  address: 'http://127.0.0.1:8080',
  instanceID: 'start-1',
  version: '0.1.0',
  jobs: { running: 1, capacity: 2 },
  vault: { files: 3, bytes: 900 },
  providers: [{ name: 'rehearsal', healthy: 'True' }],
};

describe('heartbeats at the hub', () => {
  let test: TestHub;
  beforeEach(async () => {
    test = await startTestHub();
    test.wagons.put(aWagon());
    test.tokens.set('lxc-core', 'wagon-token');
  });
  afterEach(() => test.close());

  const register = (body: unknown, token = 'wagon-token') =>
    test.ask('/api/nodes/register', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
  const errorOf = async (answer: Response) =>
    ((await answer.json()) as { error: { code: string; message: string } }).error;

  it('answers a wagon with a lease and the epoch of the leader, and remembers what it said', async () => {
    const answer = await register(beat);
    expect(answer.status).toBe(200);
    expect(heartbeatAnswerSchema.parse(await answer.json())).toEqual({
      wagon: 'lxc-core',
      namespace: 'default',
      leaseSeconds: 25,
      leaderEpoch: 7,
    });
    expect(test.liveness.beats.get('default/lxc-core')).toEqual(beat);
  });

  it('takes both spellings of a node, and refuses a third that would have the same name', async () => {
    expect((await register({ ...beat, nodeID: 'lxc-core' })).status).toBe(200);
    const clash = await register({ ...beat, nodeID: 'LXC_CORE' });
    expect(clash.status).toBe(409);
    expect((await errorOf(clash)).message).toContain('choose another NODE_ID');
  });

  it('tells a wagon that nobody declared what to do', async () => {
    const answer = await register({ ...beat, nodeID: 'LXC-GHOST' });
    expect(answer.status).toBe(404);
    expect(await errorOf(answer)).toMatchObject({
      code: 'UnknownNode',
      message: expect.stringContaining('create it first'),
    });
  });

  it('believes no wrong token, records nothing, and slows guessing down for that wagon alone', async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push((await register(beat, 'guess')).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual([429, 429]);
    expect(test.liveness.beats.size).toBe(0);
    test.wagons.put(aWagon({ metadata: { name: 'lxc-osint' }, spec: { nodeID: 'LXC-OSINT' } }));
    test.tokens.set('lxc-osint', 'other-token');
    expect((await register({ ...beat, nodeID: 'LXC-OSINT' }, 'other-token')).status).toBe(200);
  });

  it('sends a wagon away when this replica does not lead and knows nobody who does', async () => {
    test.lead.leads = false;
    const answer = await register(beat);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(test.liveness.beats.size).toBe(0);
  });

  it('says which field of a heartbeat is wrong', async () => {
    const answer = await register({ ...beat, jobs: { running: -1, capacity: 2 } });
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).toContain('jobs.running');
  });

  it('lists the wagons of a namespace with what their last heartbeat said', async () => {
    await register(beat);
    test.wagons.put(aWagon({ metadata: { name: 'elsewhere', namespace: 'other' } }));
    const answer = await test.ask('/api/nodes');
    const nodes = nodeViewSchema.array().parse(await answer.json());
    expect(nodes).toEqual([
      {
        name: 'lxc-core',
        nodeID: 'LXC-CORE',
        role: 'CORE',
        phase: 'Ready',
        address: 'http://127.0.0.1:8080',
        version: '0.1.0',
        heartbeatAgeSeconds: 1.2,
        jobs: { running: 1, capacity: 2 },
        providers: [{ name: 'rehearsal', healthy: 'True' }],
      },
    ]);
  });

  it('calls nobody unknown while it is still reading the cluster', async () => {
    test.wagons.hasSynced = false;
    expect((await register({ ...beat, nodeID: 'LXC-GHOST' })).status).toBe(503);
    expect((await test.ask('/readyz')).status).toBe(503);
    expect((await test.ask('/healthz')).status).toBe(200);
  });
});

describe('a wagon whose object is gone', () => {
  let test: TestHub;
  beforeEach(async () => {
    test = await startTestHub();
    test.tokens.set('lxc-core', 'wagon-token');
  });
  afterEach(() => test.close());

  const register = (body: unknown, token = 'wagon-token') =>
    test.ask('/api/nodes/register', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });

  it('is made anew by its next heartbeat where it had registered itself: its token outlives the object', async () => {
    test.registrations.set('lxc-core', { nodeID: 'LXC-CORE', role: 'CORE' });
    expect((await register(beat)).status).toBe(200);
    expect(test.wagons.store.get('default/lxc-core')?.spec).toMatchObject({ nodeID: 'LXC-CORE', role: 'CORE' });
    expect(test.liveness.beats.get('default/lxc-core')).toEqual(beat);
  });

  it('stays gone where it had been declared, or the token is another, or the name is spelled otherwise', async () => {
    expect((await register(beat)).status).toBe(404);
    test.registrations.set('lxc-core', { nodeID: 'LXC-CORE', role: 'CORE' });
    expect((await register(beat, 'guess')).status).toBe(404);
    expect((await register({ ...beat, nodeID: 'LXC_CORE' })).status).toBe(409);
    expect(test.wagons.store.size).toBe(0);
    expect(test.liveness.beats.size).toBe(0);
  });

  it('is not looked for without end by whoever makes names up', async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      statuses.push((await register({ ...beat, nodeID: `LXC-${attempt}` })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(404), 429, 429]);
  });

  it('is not let in under a name that somebody has declared since', async () => {
    test.registrations.set('lxc-core', { nodeID: 'LXC-CORE', role: 'CORE' });
    test.wagons.put(aWagon());
    const answer = await register(beat);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ error: { code: 'NameTaken' } });
  });
});

describe('two processes with one name and token', () => {
  let test: TestHub;
  let first: ScriptedWagon;
  let second: ScriptedWagon;
  beforeEach(async () => {
    test = await startTestHub();
    test.tokens.set('lxc-core', 'scripted-token');
    first = new ScriptedWagon();
    second = new ScriptedWagon();
    await first.start();
    await second.start();
    test.wagons.put(aWagon({ spec: { runtime: { type: 'External' } }, status: {} }));
  });
  afterEach(async () => {
    await first.die();
    await second.die();
    await test.close();
  });

  const register = async (heartbeat: Heartbeat) => {
    const answer = await test.ask('/api/nodes/register', {
      method: 'POST',
      body: JSON.stringify(heartbeat),
      headers: { 'content-type': 'application/json', authorization: 'Bearer scripted-token' },
    });
    return { status: answer.status, body: JSON.stringify(await answer.json()) };
  };

  it('the second is refused while the first answers, and let in once it does not', async () => {
    expect((await register(first.heartbeat())).status).toBe(200);
    const other = second.heartbeat({ instanceID: 'instance-of-another' });
    const refused = await register(other);
    expect(refused).toMatchObject({ status: 409, body: expect.stringContaining('DuplicateIdentity') });
    expect(refused.body).toContain(first.url);
    expect((await register(first.heartbeat())).status).toBe(200);
    await first.die();
    expect((await register(other)).status).toBe(200);
    expect(test.liveness.beats.get('default/lxc-core')?.instanceID).toBe('instance-of-another');
  });

  it('the second is refused even where it says that it is where the first is', async () => {
    await register(first.heartbeat());
    expect((await register(second.heartbeat({ instanceID: 'x', address: first.url }))).status).toBe(409);
  });

  it('one that moved is no second: it is the same start at another address', async () => {
    await register(first.heartbeat());
    expect((await register(first.heartbeat({ address: second.url }))).status).toBe(200);
    expect(test.liveness.beats.get('default/lxc-core')?.address).toBe(second.url);
  });

  it('one that was started again is no second, though something answers at its address: that is itself', async () => {
    await register(first.heartbeat());
    await first.die();
    await first.start();
    expect((await register(first.heartbeat())).status).toBe(200);
  });

  it('a new leader knows the first from its status', async () => {
    test.wagons.put(
      aWagon({ spec: { runtime: { type: 'External' } }, status: { address: first.url, instanceID: 'instance-1' } }),
    );
    expect((await register(second.heartbeat({ instanceID: 'x' }))).status).toBe(409);
    expect((await register(first.heartbeat())).status).toBe(200);
  });
});

describe('the list of wagons', () => {
  it('leaves out what was evicted, unless it is asked for', async () => {
    const test = await startTestHub();
    test.wagons.put(aWagon({ status: { phase: 'Ready', awaitingHuman: 2 } }));
    test.wagons.put(aWagon({ metadata: { name: 'gone' }, status: { phase: 'Evicted' } }));
    const names = async (path: string) =>
      nodeViewSchema
        .array()
        .parse(await (await test.ask(path)).json())
        .map(({ name, phase, awaitingHuman }) => [name, phase, awaitingHuman]);
    expect(await names('/api/nodes')).toEqual([['lxc-core', 'Ready', 2]]);
    expect(await names('/api/nodes?all=1')).toEqual([
      ['gone', 'Evicted', undefined],
      ['lxc-core', 'Ready', 2],
    ]);
    expect((await test.ask('/api/nodes?all=yes')).status).toBe(400);
    await test.close();
  });
});
