import { type Heartbeat, heartbeatAnswerSchema, nodeViewSchema } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';

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

  it('sends a wagon on when this replica does not lead', async () => {
    test.lead.leads = false;
    const answer = await register(beat);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
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
