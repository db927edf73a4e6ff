import { randomBytes } from 'node:crypto';
import { createdJoinTokenSchema, type JoinAnswer, parseJoinToken } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { createTransport, KubeClient } from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/hub/test-api.ts';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { KubeWagonRegistry } from '../adapters/kube-wagon-registry.ts';

const nonce = () => randomBytes(32).toString('base64url');
const SECRETS = '/api/v1/namespaces/default/secrets';

describe('joining a hub', () => {
  let clock: FakeClock;
  let test: TestHub;
  let registered: TestApi;
  beforeEach(async () => {
    clock = new FakeClock();
    registered = await startTestApi();
    const identity = { token: 'controller-token' };
    const client = new KubeClient(createTransport(registered.server.config({ identity })));
    test = await startTestHub({ clock, registry: new KubeWagonRegistry(client, randomBytes) });
  });
  afterEach(async () => {
    await test.close();
    await registered.close();
  });

  async function aToken(wanted: Record<string, unknown> = {}) {
    const body = JSON.stringify(wanted);
    const headers = { 'content-type': 'application/json' };
    const answer = await test.ask('/api/join-tokens', { method: 'POST', body, headers });
    expect(answer.status).toBe(201);
    const created = createdJoinTokenSchema.parse(await answer.json());
    const token = parseJoinToken(created.token);
    if (!token) throw new Error('no join token');
    return { ...created, ...token };
  }
  const join = async (token: { id: string; secret: string; namespace: string }, more: Record<string, unknown> = {}) => {
    const { id, secret, namespace } = token;
    const body = JSON.stringify({ id, secret, namespace, nonce: nonce(), nodeID: 'LXC-GARAGE', ...more });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${test.hub.url}/api/nodes/join`, { method: 'POST', body, headers });
    const json = (await answer.json()) as JoinAnswer & { error?: { code: string; message: string } };
    return { status: answer.status, code: json.error?.code, message: json.error?.message, json };
  };
  const listed = async () => (await (await test.ask('/api/join-tokens')).json()) as Record<string, unknown>[];

  it('makes a token that holds where the hub is, and keeps of it nothing that lets anybody in', async () => {
    const token = await aToken({ role: 'OSINT', uses: 2, ttlSeconds: 3600 });
    expect(token).toMatchObject({
      url: test.hub.url,
      role: 'OSINT',
      uses: 2,
      usesLeft: 2,
      createdBy: 'ada',
      wagons: [],
    });
    expect(Date.parse(token.expiresAt) - Date.parse(token.createdAt)).toBe(3_600_000);
    const kept = JSON.stringify([...test.api.objects]);
    const decoded = Object.values(test.api.objects.get(`${SECRETS}/carnival-join-tokens`) ?? {}).flatMap((part) =>
      Object.values(part as object).map((value) => Buffer.from(String(value), 'base64').toString()),
    );
    expect(kept + decoded.join()).not.toContain(token.secret);
    expect(test.logged.join()).not.toContain(token.secret);
    expect(await listed()).toMatchObject([{ id: token.id, usesLeft: 2, createdBy: 'ada' }]);
    expect(JSON.stringify(await listed())).not.toContain(token.secret);
  });

  it('exchanges it for a token of the wagon alone, whose object it makes', async () => {
    const token = await aToken();
    const { status, json } = await join(token);
    expect(status).toBe(201);
    expect(json).toMatchObject({ wagon: 'lxc-garage', namespace: 'default', nodeID: 'LXC-GARAGE', role: 'CORE' });
    expect(json.token).toMatch(/^[\w-]{43}$/);
    expect([...registered.objects.keys()]).toEqual([
      `${SECRETS}/lxc-garage-token`,
      '/apis/darkcarnival.dev/v1alpha1/namespaces/default/wagons/lxc-garage',
    ]);
    expect(await listed()).toMatchObject([{ usesLeft: 0, wagons: ['lxc-garage'] }]);
    expect(test.logged.join()).not.toContain(json.token);
  });

  it('answers the same wagon the same again, and takes no second use for it', async () => {
    const token = await aToken();
    const own = nonce();
    const first = await join(token, { nonce: own });
    expect(await join(token, { nonce: own })).toEqual(first);
    expect(await listed()).toMatchObject([{ usesLeft: 0 }]);
    expect(await join(token, { nonce: nonce(), nodeID: 'Attic' })).toMatchObject({
      status: 403,
      code: 'JoinTokenUsedUp',
    });
  });

  it('lets one of many in that want its last use at once', async () => {
    const token = await aToken({ uses: 2 });
    const joining = Promise.all(Array.from({ length: 6 }, (_, index) => join(token, { nodeID: `Node-${index}` })));
    let over = false;
    void joining.then(() => (over = true));
    // Whoever lost to somebody else's write waits a moment before the next try.
    while (!over) {
      await clock.advance(50);
      await new Promise(setImmediate);
    }
    const all = await joining;
    const tally = all.map(({ status, code }) => code ?? status).sort();
    expect(tally).toEqual([201, 201, 'JoinTokenUsedUp', 'JoinTokenUsedUp', 'JoinTokenUsedUp', 'JoinTokenUsedUp']);
    expect(await listed()).toMatchObject([{ usesLeft: 0 }]);
  });

  it('gives a use back where the name is taken, also by another spelling, and hands nobody another wagon’s token', async () => {
    const token = await aToken({ uses: 3 });
    expect((await join(token)).status).toBe(201);
    for (const nodeID of ['LXC-GARAGE', 'lxc-garage', 'LXC.GARAGE']) {
      const refused = await join(token, { nodeID });
      expect(refused).toMatchObject({ status: 409, code: 'NodeIDTaken' });
      expect(refused.json).not.toHaveProperty('token');
    }
    expect(await listed()).toMatchObject([{ usesLeft: 2, wagons: ['lxc-garage'] }]);
  });

  it('does not let a wagon take the name of one that was declared', async () => {
    registered.put('/apis/darkcarnival.dev/v1alpha1/namespaces/default/wagons/lxc-core', {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Wagon',
      metadata: { name: 'lxc-core', namespace: 'default' },
    });
    expect(await join(await aToken(), { nodeID: 'LXC-CORE' })).toMatchObject({ status: 409, code: 'NodeIDTaken' });
  });

  it('is over at the end of its time by the clock of the hub, and when it was deleted', async () => {
    const [short, deleted] = [await aToken({ ttlSeconds: 60 }), await aToken()];
    await clock.advance(59_000);
    expect((await test.ask(`/api/join-tokens/${deleted.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await test.ask(`/api/join-tokens/${deleted.id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await join(deleted)).toMatchObject({ status: 403, code: 'JoinTokenUnknown' });
    await clock.advance(1_000);
    expect(await join(short)).toMatchObject({ status: 403, code: 'JoinTokenExpired' });
    await clock.advance(86_400_000);
    expect(await listed()).toEqual([]);
  });

  it('is for its role and its namespace alone', async () => {
    const token = await aToken({ role: 'OSINT' });
    expect(await join(token, { role: 'MEDIA' })).toMatchObject({ status: 403, code: 'RoleNotAllowed' });
    expect(await join({ ...token, namespace: 'kube-system' })).toMatchObject({ status: 403, code: 'JoinTokenUnknown' });
    expect((await join(token)).json).toMatchObject({ role: 'OSINT' });
  });

  it('tells a forged token from an unknown one by nothing, and slows down who guesses', async () => {
    const token = await aToken();
    const forged = await join({ ...token, secret: 'x'.repeat(43) });
    expect(forged).toMatchObject({ status: 403, code: 'JoinTokenUnknown' });
    expect(await join({ ...token, id: 'nosuchid00' })).toMatchObject({ status: 403, message: forged.message });
    const statuses = [];
    for (let guess = 0; guess < 10; guess += 1) statuses.push((await join({ ...token, secret: nonce() })).status);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await join(token)).status).toBe(429);
    await clock.advance(10_000);
    expect((await join(token)).status).toBe(201);
  });

  it.each([
    ['no body', undefined],
    ['no JSON', 'x'],
    ['a name of nothing', { nodeID: '---' }],
    ['the name of all', { nodeID: 'ALL' }],
    ['a name that no terminal should show', { nodeID: 'a\u001b[2J' }],
    ['a very long name', { nodeID: 'x'.repeat(65) }],
    ['a role that is none', { role: 'two words' }],
    ['something more', { admin: true }],
    ['a short nonce', { nonce: 'x' }],
  ])('refuses a request with %s, and takes no use for it', async (_what, more) => {
    const token = await aToken();
    const { id, secret, namespace } = token;
    const whole = { id, secret, namespace, nonce: nonce(), nodeID: 'Garage' };
    const body = typeof more === 'object' ? JSON.stringify({ ...whole, ...more }) : more;
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, ...(body === undefined ? {} : { body }) };
    expect((await fetch(`${test.hub.url}/api/nodes/join`, init)).status).toBe(400);
    expect(await listed()).toMatchObject([{ usesLeft: 1 }]);
  });

  it('is not open to whoever may not make join tokens, and makes no token without end', async () => {
    test.api.allows = (_user, { subresource }) => subresource !== 'jointokens';
    expect((await test.ask('/api/join-tokens', { method: 'POST' })).status).toBe(403);
    expect((await test.ask('/api/join-tokens')).status).toBe(403);
    test.api.allows = () => true;
    await clock.advance(31_000);
    for (const wanted of [{ uses: 0 }, { uses: 101 }, { ttlSeconds: 59 }, { ttlSeconds: 2_592_001 }, { role: 'a b' }]) {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', body: JSON.stringify(wanted), headers };
      expect((await test.ask('/api/join-tokens', init)).status, JSON.stringify(wanted)).toBe(400);
    }
  });
});
