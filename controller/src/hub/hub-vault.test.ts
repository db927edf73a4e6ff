import { hubVaultListSchema, type Sidecar } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { eventually } from '@dark-carnival/kube/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawRequest } from '../../testing/hub/raw-request.ts';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { startReadyWagon, type TestWagon } from '../../testing/hub/test-wagon.ts';

const sidecar = (file: string, more: Partial<Sidecar> = {}): Sidecar => ({
  file,
  namespace: 'default',
  objective: file.split('/')[0] ?? '',
  objectiveUID: 'uid-1',
  task: 't1',
  title: 'Write it',
  sha256: `sha256:${'a'.repeat(64)}`,
  bytes: 7,
  provider: 'rehearsal',
  model: 'rehearsal',
  rehearsal: true,
  usage: { inputTokens: 1, outputTokens: 2 },
  createdAt: '2026-11-24T10:00:00Z',
  ...more,
});

describe('the vault at the hub', () => {
  let test: TestHub;
  let wagon: TestWagon;
  beforeEach(async () => {
    test = await startTestHub();
    wagon = await startReadyWagon(test);
  });
  afterEach(async () => {
    await test.close();
    await wagon.close();
  });

  const holds = (...files: Sidecar[]) => wagon.routes.set('GET /api/completions', JSON.stringify({ files }));
  const list = async (path: string) => hubVaultListSchema.parse(await (await test.ask(path)).json());

  it('lists the files of every wagon, newest first, and names those that it could not ask', async () => {
    holds(sidecar('tide-chart/a.md'), sidecar('tide-chart/b.md', { createdAt: '2026-11-24T11:00:00Z' }));
    test.wagons.put(
      aWagon({ metadata: { name: 'lxc-dead' }, status: { phase: 'Stale', address: 'http://127.0.0.1:9' } }),
    );
    test.tokens.set('lxc-dead', 'other');
    test.wagons.put(aWagon({ metadata: { name: 'lxc-new' }, status: { phase: 'Provisioning' } }));
    const { files, unreachable } = await list('/api/vault');
    expect(files.map(({ file, node }) => [node, file])).toEqual([
      ['lxc-core', 'tide-chart/b.md'],
      ['lxc-core', 'tide-chart/a.md'],
    ]);
    expect(unreachable).toEqual([
      { node: 'lxc-dead', message: expect.any(String) },
      { node: 'lxc-new', message: 'it has no address yet' },
    ]);
    expect(wagon.server.requests[0]?.headers.authorization).toBe('Bearer wagon-token');
  });

  it('lists one wagon by either spelling, and the files of one Objective', async () => {
    holds(sidecar('tide-chart/a.md'), sidecar('runbook/a.md'));
    expect((await list('/api/vault/LXC-CORE')).files).toHaveLength(2);
    expect((await list('/api/vault/lxc-core?objective=runbook')).files.map(({ file }) => file)).toEqual([
      'runbook/a.md',
    ]);
    expect((await test.ask('/api/vault/lxc-ghost')).status).toBe(404);
  });

  it('names files that somebody took away behind the back of the vault, apart from those that can be had', async () => {
    const files = [{ ...sidecar('tide-chart/a.md'), state: 'Changed' }];
    const missing = [sidecar('tide-chart/b.md'), sidecar('theirs/b.md', { namespace: 'other' })];
    wagon.routes.set('GET /api/completions', JSON.stringify({ files, missing }));
    const answer = await list('/api/vault');
    expect(answer.files).toMatchObject([{ file: 'tide-chart/a.md', state: 'Changed' }]);
    expect(answer.missing).toMatchObject([{ file: 'tide-chart/b.md', node: 'lxc-core' }]);
  });

  it('survives a reader who leaves in the middle of a file, and a wagon that dies there', async () => {
    let open = 0;
    wagon.routes.set('GET /api/completions/tide-chart/big.md', (_request, response) => {
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      response.writeHead(200).write('x'.repeat(100_000));
    });
    const abort = new AbortController();
    const answer = await test.ask('/api/vault/lxc-core/tide-chart/big.md', { signal: abort.signal });
    await answer.body?.getReader().read();
    abort.abort();
    await eventually(() => expect(open).toBe(0));
    const cut = await test.ask('/api/vault/lxc-core/tide-chart/big.md');
    wagon.server.reset();
    await expect(cut.text()).rejects.toThrow();
    expect((await test.ask('/healthz')).status).toBe(200);
  });

  it('does not believe a wagon that talks about other namespaces, or that talks nonsense', async () => {
    holds(sidecar('tide-chart/a.md'), sidecar('theirs/a.md', { namespace: 'other' }));
    expect((await list('/api/vault')).files).toHaveLength(1);
    wagon.routes.set('GET /api/completions', '<html>hello</html>');
    const { files, unreachable } = await list('/api/vault');
    expect(files).toEqual([]);
    expect(unreachable).toEqual([{ node: 'lxc-core', message: 'its answer is not what a wagon says' }]);
  });

  it('serves a file as text that can do nothing, whatever the wagon calls it', async () => {
    wagon.routes.set('GET /api/completions/tide-chart/src/a.html', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', etag: '"1"', 'set-cookie': 'planted=1' });
      response.end('<script>alert(1)</script>');
    });
    const answer = await test.ask('/api/vault/lxc-core/tide-chart/src/a.html');
    expect(await answer.text()).toBe('<script>alert(1)</script>');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline; filename="a.html"',
      'x-content-type-options': 'nosniff',
      etag: '"1"',
    });
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('set-cookie')).toBeNull();
    const saved = await test.ask('/api/vault/lxc-core/tide-chart/src/a.html?download=1');
    expect(saved.headers.get('content-disposition')).toBe('attachment; filename="a.html"');
  });

  it.each([
    ['tide-chart/../secret', 400],
    ['tide-chart/..%2f..%2fetc%2fpasswd', 400],
    ['%2e%2e/a.md', 400],
    ['../a.md', 400],
    ['%e0%a4%a', 400],
    ['tide-chart/%00', 400],
    ['tide-chart/.meta/a~.json', 400],
    ['tide-chart', 400],
    ['tide-chart/missing.md', 404],
  ])('answers a request for %s with %i', async (file, status) => {
    const headers = { authorization: 'Bearer person-token' };
    const answer = await rawRequest(test.hub.url, `/api/vault/lxc-core/${file}`, headers);
    expect(answer.status).toBe(status);
    expect(wagon.server.requests.filter(({ url }) => !url.pathname.endsWith('missing.md'))).toEqual([]);
  });

  it('deletes a file on its wagon, and only a file', async () => {
    wagon.routes.set('DELETE /api/completions/tide-chart/a.md', '{}');
    const answer = await test.ask('/api/vault/LXC-CORE/tide-chart/a.md', { method: 'DELETE' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ deleted: 'tide-chart/a.md', node: 'lxc-core' });
    for (const path of ['/api/vault', '/api/vault/lxc-core', '/api/vault/lxc-core/']) {
      const refused = await test.ask(path, { method: 'DELETE' });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('allow')).toBe('GET');
    }
    expect((await test.ask('/api/vault/lxc-core/tide-chart/.debate/round-1.json', { method: 'DELETE' })).status).toBe(
      400,
    );
  });

  it('passes on why a wagon refused, and says when it is a wagon that failed', async () => {
    wagon.routes.set('DELETE /api/completions/tide-chart/a.md', (_request, response) => {
      response.writeHead(409).end('{"error":{"code":"Busy","message":"it is being written"}}');
    });
    wagon.routes.set(
      'GET /api/completions/tide-chart/a.md',
      (_request, response) => void response.writeHead(500).end('boom'),
    );
    const refused = await test.ask('/api/vault/lxc-core/tide-chart/a.md', { method: 'DELETE' });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('it is being written');
    expect((await test.ask('/api/vault/lxc-core/tide-chart/a.md')).status).toBe(502);
    test.tokens.clear();
    const noToken = await test.ask('/api/vault/lxc-core/tide-chart/a.md');
    expect(noToken.status).toBe(502);
    expect(await noToken.text()).toContain('Secret lxc-core-token is missing');
  });
});
