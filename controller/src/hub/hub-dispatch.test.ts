import { type ErrorBody, LABELS, type Objective } from '@dark-carnival/crds';
import { aModelProvider, aWagon } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';

describe('dispatch', () => {
  let test: TestHub;
  beforeEach(async () => {
    test = await startTestHub();
    test.wagons.put(aWagon({ metadata: { labels: { [LABELS.role]: 'CORE' } } }));
    test.wagons.put(aWagon({ metadata: { name: 'lxc-osint' }, spec: { nodeID: 'LXC-OSINT', role: 'OSINT' } }));
  });
  afterEach(() => test.close());

  const dispatch = (body: unknown, query = '') =>
    test.ask(`/api/swarm/dispatch${query}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const refusal = async (body: unknown) => {
    const answer = await dispatch(body);
    return [answer.status, ((await answer.json()) as ErrorBody).error.message] as const;
  };

  it('creates an Objective in the name of whoever asks, with a name that people recognise', async () => {
    const answer = await dispatch({ objective: 'Plan a tide chart for a small harbour, première édition' });
    expect(answer.status).toBe(201);
    const created = (await answer.json()) as Objective;
    expect(created.metadata.name).toMatch(/^plan-a-tide-chart-for-a-small-[a-z0-9]{5}$/);
    expect(created.spec).toEqual({
      directive: 'Plan a tide chart for a small harbour, première édition',
      requestedBy: 'ada',
    });
    const posts = test.api.server.requests.filter(({ url }) => url.pathname.endsWith('/objectives'));
    expect(posts.map(({ headers }) => headers.authorization)).toEqual(['Bearer person-token']);
  });

  it('places it on a wagon by either spelling of its name', async () => {
    for (const node_id of ['LXC-OSINT', 'lxc-osint']) {
      const created = (await (await dispatch({ objective: 'Look around', node_id })).json()) as Objective;
      expect(created.spec?.wagonName).toBe('lxc-osint');
    }
  });

  it('lets every wagon of a role take it where they carry the label, and names one where they do not', async () => {
    const byLabel = (await (await dispatch({ objective: 'Look around', role: 'CORE' })).json()) as Objective;
    expect(byLabel.spec?.wagonSelector).toEqual({ matchLabels: { 'darkcarnival.dev/role': 'CORE' } });
    const byName = (await (await dispatch({ objective: 'Look around', role: 'OSINT' })).json()) as Objective;
    expect(byName.spec).toMatchObject({ wagonName: 'lxc-osint' });
  });

  it('gives each seat the ModelProvider that was chosen for it', async () => {
    const provider = aModelProvider();
    test.api.put('/apis/darkcarnival.dev/v1alpha1/namespaces/default/modelproviders/kimi', provider);
    const models = { visionary: 'kimi', critic: 'rehearsal' };
    const created = (await (await dispatch({ objective: 'Look around', models })).json()) as Objective;
    expect(created.spec?.debate.seats).toEqual({
      visionary: { providers: ['kimi'] },
      critic: { providers: ['rehearsal'] },
    });
  });

  it('says in one line which name it does not know, and which there are', async () => {
    expect(await refusal({ objective: 'x', node_id: 'LXC-GHOST' })).toEqual([
      404,
      'no wagon "LXC-GHOST" in namespace default: there are lxc-core, lxc-osint',
    ]);
    expect(await refusal({ objective: 'x', role: 'MEDIA' })).toEqual([
      404,
      'no wagon plays the role "MEDIA" in namespace default: there is CORE, OSINT',
    ]);
    expect(await refusal({ objective: 'x', models: { critic: 'mistrall' } })).toEqual([
      404,
      'no ModelProvider "mistrall" in namespace default: kubectl get modelproviders lists them',
    ]);
    expect((await refusal({ objective: 'x', node_id: 'LXC-CORE', role: 'OSINT' }))[0]).toBe(400);
  });

  it('refuses what is no goal, and what it does not know', async () => {
    expect((await refusal({ objective: '' }))[1]).toContain('objective: must have at least 1 characters');
    expect((await refusal({ objective: 'x'.repeat(16_385) }))[0]).toBe(400);
    expect((await refusal({ objective: 'x', models: { jester: 'kimi' } }))[1]).toContain('models');
    expect((await refusal({ objective: 'x', colour: 'red' }))[0]).toBe(400);
    expect((await refusal([]))[0]).toBe(400);
  });

  it('creates it in the namespace that the query names', async () => {
    const created = (await (await dispatch({ objective: 'x' }, '?namespace=other')).json()) as Objective;
    expect(created.metadata.namespace).toBe('other');
    expect((await dispatch({ objective: 'x' }, '?namespace=No%2FNo')).status).toBe(400);
  });
});
