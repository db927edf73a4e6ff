import { request as httpRequest } from 'node:http';
import { type Heartbeat, heartbeatAnswerSchema } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { aWagon } from '@dark-carnival/crds/testing';
import { startHttpServer } from '@dark-carnival/kube/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { ScriptedWagon } from '../../testing/scripted-wagon.ts';
import { HttpLeaderForward } from '../adapters/http-leader-forward.ts';
import { type InternalPort, openInternalPort } from '../adapters/internal-port.ts';
import { type LeaderAddress, ReachedAt, readLeader } from '../adapters/leader-address.ts';

const LOOPBACK: InternalPort = { host: '127.0.0.1', port: 0, tls: undefined };

/** As off loopback, where not every machine has an address. */
async function withTls(): Promise<InternalPort> {
  const { tls } = await openInternalPort({ host: 'replica.example', port: 0 }, Date.now());
  return { ...LOOPBACK, tls };
}

describe.each([
  { way: 'http', open: async () => LOOPBACK },
  { way: 'https', open: () => withTls() },
])('a heartbeat at a replica that does not lead, passed on by $way', ({ way, open }) => {
  let leader: TestHub;
  let follower: TestHub;
  let relay: HttpLeaderForward;
  let known: LeaderAddress | undefined;
  const wagon = new ScriptedWagon();

  beforeEach(async () => {
    const internal = await open();
    leader = await startTestHub({ internal });
    known = { url: leader.hub.internalUrl ?? '', fingerprint: internal.tls?.fingerprint };
    relay = new HttpLeaderForward({ leader: () => known, clock: systemClock });
    follower = await startTestHub({ relay, internal: LOOPBACK });
    follower.lead.leads = false;
    for (const { wagons, tokens } of [leader, follower]) {
      wagons.put(aWagon({ status: {} }));
      tokens.set('lxc-core', 'scripted-token');
    }
  });
  afterEach(async () => {
    await relay.close();
    await leader.close();
    await follower.close();
  });

  const send = async (heartbeat: Heartbeat = wagon.heartbeat(), token = 'scripted-token') => {
    const answer = await follower.ask('/api/nodes/register', {
      method: 'POST',
      body: JSON.stringify(heartbeat),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: await answer.json(), retryAfter: answer.headers.get('retry-after') };
  };

  it('is answered by the leader, who alone remembers it', async () => {
    expect(known?.url).toMatch(new RegExp(`^${way}://`));
    const { status, body } = await send();
    expect(status).toBe(200);
    expect(heartbeatAnswerSchema.parse(body)).toMatchObject({ wagon: 'lxc-core', leaseSeconds: 25, leaderEpoch: 7 });
    expect(leader.liveness.beats.size).toBe(1);
    expect(follower.liveness.beats.size).toBe(0);
  });

  it('is refused here where its token is wrong, and never passed on', async () => {
    expect((await send(undefined, 'guess')).status).toBe(401);
    expect(leader.liveness.beats.size).toBe(0);
  });

  it('is refused by the leader where only the leader knows better', async () => {
    leader.tokens.set('lxc-core', 'a-new-token');
    expect(await send()).toMatchObject({ status: 401, body: { error: { code: 'Unauthorized' } } });
  });

  it('is sent away where the leader leads no more: it is not passed on again', async () => {
    leader.lead.leads = false;
    expect(await send()).toMatchObject({ status: 503, retryAfter: '2', body: { error: { code: 'NotLeader' } } });
  });

  it('is sent away where the leader is gone, or unknown, or somebody else answers there', async () => {
    await leader.hub.close();
    expect(await send()).toMatchObject({ status: 503, retryAfter: '2' });
    known = undefined;
    expect((await send()).status).toBe(503);
    const stranger = await startHttpServer((_request, response) => response.end('<html>hello</html>'));
    onTestFinished(() => stranger.close());
    known = { url: stranger.url, fingerprint: undefined };
    expect((await send()).status).toBe(503);
  });
});

describe('the internal port', () => {
  it('takes heartbeats with the token of the wagon, and nothing else', async () => {
    const test = await startTestHub({ internal: LOOPBACK });
    onTestFinished(() => test.close());
    test.wagons.put(aWagon({ status: {} }));
    test.tokens.set('lxc-core', 'scripted-token');
    const url = test.hub.internalUrl ?? '';
    for (const path of ['/', '/api/nodes', '/api/vault', '/healthz', '/api/swarm/dispatch']) {
      const answer = await fetch(`${url}${path}`, { headers: { authorization: 'Bearer person-token' } });
      expect(answer.status).toBe(404);
    }
    const beat = new ScriptedWagon().heartbeat();
    const send = (body: string, token: string) =>
      fetch(`${url}/api/nodes/register`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
    expect((await send(JSON.stringify(beat), 'guess')).status).toBe(401);
    expect((await send('{"nodeID":', 'scripted-token')).status).toBe(400);
    expect((await send(`"${'x'.repeat(300_000)}"`, 'scripted-token')).status).toBe(413);
    expect((await send(JSON.stringify(beat), 'scripted-token')).status).toBe(200);
  });

  it('off loopback says nothing in the clear', async () => {
    const internal = await withTls();
    expect(internal.tls).toBeDefined();
    const test = await startTestHub({ internal });
    onTestFinished(() => test.close());
    const { hostname, port } = new URL(test.hub.internalUrl ?? '');
    const outcome = await new Promise((resolve) => {
      httpRequest({ hostname, port, path: '/api/nodes/register' }, (answer) => resolve(answer.statusCode))
        .on('error', () => resolve('refused'))
        .end();
    });
    expect(outcome).toBe('refused');
  });

  it.each(['0.0.0.0', '::', '', 'a b', 'x/../y'])('cannot be %j: nobody else could be told', async (host) => {
    await expect(openInternalPort({ host, port: 0 }, Date.now())).rejects.toThrow(RangeError);
  });
});

describe('where the leader is reached, by the Lease', () => {
  const fingerprint = `sha256:${'ab'.repeat(32)}`;
  const written = (address: LeaderAddress, on = 'one') => {
    const reachedAt = new ReachedAt(on);
    reachedAt.set(address);
    const entries = Object.entries(reachedAt.annotations).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return { annotations: Object.fromEntries(entries) };
  };

  it('is read as it was written', () => {
    const away = { url: 'https://10.0.0.7:8001', fingerprint };
    expect(readLeader(written(away), 'two')).toEqual(away);
    const here = { url: 'http://127.0.0.1:8001', fingerprint: undefined };
    expect(readLeader(written(here), 'one')).toEqual(here);
  });

  it('is nowhere where tokens would not be safe on the way', () => {
    expect(readLeader(written({ url: 'http://127.0.0.1:8001', fingerprint: undefined }), 'two')).toBeUndefined();
    for (const url of ['http://10.0.0.7:8001', 'https://10.0.0.7:8001', 'ftp://127.0.0.1', 'nonsense', '']) {
      expect(readLeader(written({ url, fingerprint: undefined }), 'one')).toBeUndefined();
    }
    expect(readLeader(written({ url: 'https://10.0.0.7:8001', fingerprint: 'sha256:short' }), 'one')).toBeUndefined();
    expect(readLeader({ annotations: {} }, 'one')).toBeUndefined();
    expect(readLeader(undefined, 'one')).toBeUndefined();
  });

  it('is taken away by a leader that is reached nowhere', () => {
    expect(Object.values(new ReachedAt('one').annotations)).toEqual([undefined, undefined, undefined]);
  });
});
