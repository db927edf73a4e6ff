import {
  canonicalJson,
  type Objective,
  type ObjectiveStatus,
  type Plan,
  type Turn,
  transcriptSchema,
} from '@dark-carnival/crds';
import { anObjective, aPlan, aWagon } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { startReadyWagon, startTestWagon, type TestWagon } from '../../testing/hub/test-wagon.ts';
import { encodeRound } from '../ports/round-record.ts';
import { sha256 } from '../runtime/digests.ts';
import type { NextCommand } from './views/next-commands.ts';
import type { PlanView } from './views/plan-view.ts';

const UID = 'uid-of-tide-chart';
const API = '/apis/darkcarnival.dev/v1alpha1/namespaces/default/objectives/';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps/';

const turn = (round: number, seat: Turn['seat'], text: string): Turn => ({
  round,
  seat,
  outcome: 'Answered',
  provider: 'rehearsal',
  model: 'rehearsal',
  text,
  sha256: sha256(text),
  inputTokens: 3,
  outputTokens: 4,
});
const debateOf = (...turns: Turn[]): ObjectiveStatus['debate'] => ({
  round: Math.max(...turns.map(({ round }) => round)),
  turns: turns.map(({ round, seat, text }) => ({
    round,
    seat,
    tokens: 7,
    sha256: sha256(text),
    excerpt: text.slice(0, 9),
  })),
});

describe('Objectives at the hub', () => {
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

  function put(status: ObjectiveStatus, spec: Partial<Objective['spec']> = {}): void {
    const objective = anObjective({
      metadata: { uid: UID },
      spec: spec as never,
      status: { wagonName: 'lxc-core', ...status },
    });
    test.api.put(`${API}tide-chart`, objective);
    test.objectives.put(objective);
  }
  function putConfigMap(
    name: string,
    content: { data?: Record<string, string>; binaryData?: Record<string, string> },
  ): void {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, ...content };
    test.api.put(`${CONFIG_MAPS}${name}`, object);
  }
  const detail = async () =>
    (await (await test.ask('/api/objectives/tide-chart')).json()) as {
      objective: Objective;
      plan: PlanView;
      commands: NextCommand[];
    };
  const transcript = async () => {
    const answer = await test.ask('/api/objectives/tide-chart/transcript');
    const body = await answer.json();
    return { ...transcriptSchema.parse(body), missing: (body as { missing: unknown[] }).missing };
  };

  describe('one of them', () => {
    const plan: Plan = {
      ...aPlan([{}]),
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Plan',
      number: 1,
      objective: { namespace: 'default', name: 'tide-chart', uid: UID },
      execution: { providers: ['rehearsal'], maxTokens: 1000, parallelism: 4, taskTimeoutSeconds: 600, retries: 1 },
      inputs: { contextDigest: sha256(''), skillsDigest: sha256('') },
      forecast: { tokens: 1200 },
    };
    const text = canonicalJson(plan);
    const hash = sha256(text);
    const waiting: ObjectiveStatus = {
      phase: 'AwaitingHuman',
      plan: { hash, summary: plan.summary, configMapName: 'tide-chart-plan-1', taskCount: 1 },
      approvalRequest: {
        id: `${UID}-1`,
        planHash: hash,
        requestedAt: '2026-11-24T10:00:00Z',
        feedbackLeft: 5,
        forecast: { tokens: 1200 },
      },
    };

    it('comes with its plan, once the plan has the hash that the request names', async () => {
      put(waiting);
      putConfigMap('tide-chart-plan-1', { data: { 'plan.json': text } });
      expect((await detail()).plan).toEqual({ state: 'verified', hash, plan });
    });

    it('shows no plan that is not exactly the one that is asked about', async () => {
      put(waiting);
      expect((await detail()).plan).toMatchObject({ state: 'unreadable', message: expect.stringContaining('missing') });
      putConfigMap('tide-chart-plan-1', { data: { 'plan.json': `${text} ` } });
      expect((await detail()).plan).toMatchObject({
        state: 'unreadable',
        message: expect.stringContaining('do not approve'),
      });
    });

    it('comes with the commands that decide, bound to request and hash', async () => {
      put(waiting);
      const commands = (await detail()).commands.map(({ command }) => command);
      expect(commands).toContain('npx carnival approve tide-chart');
      expect(commands).toContain('npx carnival feedback tide-chart "What the plan misses"');
      const value = { requestID: `${UID}-1`, planHash: hash, decision: 'Approve', decidedBy: 'ada' };
      const patch = JSON.stringify([{ op: 'add', path: '/spec/intervention', value }]);
      expect(commands).toContain(
        `kubectl patch objective tide-chart --type json --field-manager=darkcarnival-approval -p '${patch}'`,
      );
    });

    it('offers no feedback once none is left', async () => {
      const request = waiting.approvalRequest;
      put({ ...waiting, ...(request ? { approvalRequest: { ...request, feedbackLeft: 0 } } : {}) });
      const commands = (await detail()).commands.map(({ command }) => command);
      expect(commands.filter((command) => /feedback/i.test(command))).toEqual([]);
    });

    it('quotes a name that a shell would read differently', async () => {
      test.api.users.set('person-token', "o'hara $(reboot)");
      put(waiting);
      const { commands } = await detail();
      const approve = commands.find(({ title }) => title.endsWith('with kubectl'))?.command;
      expect(approve).toContain(`"decidedBy":"o'\\''hara $(reboot)"`);
    });

    it('is 404 where there is none, in the words of the API server', async () => {
      expect((await test.ask('/api/objectives/nothing')).status).toBe(404);
    });
  });

  it.each([
    ['Completed', 'npx carnival vault ls'],
    [
      'Failed',
      `kubectl patch objective tide-chart --type merge --field-manager=darkcarnival-control -p '{"spec":{"retry":1}}'`,
    ],
    ['Debating', 'npx carnival abort tide-chart'],
    ['Aborted', 'npx carnival transcript tide-chart'],
  ] as const)('knows what to do next in phase %s', async (phase, command) => {
    put({ phase });
    expect((await detail()).commands.map((next) => next.command)).toContain(command);
  });

  it('lists them, the newest first', async () => {
    test.objectives.put(anObjective({ metadata: { name: 'older', creationTimestamp: '2026-11-22T10:00:00Z' } }));
    test.objectives.put(anObjective({ metadata: { name: 'newer', creationTimestamp: '2026-11-24T10:00:00Z' } }));
    const { objectives } = (await (await test.ask('/api/objectives')).json()) as { objectives: { name: string }[] };
    expect(objectives.map(({ name }) => name)).toEqual(['newer', 'older']);
  });

  describe('the transcript', () => {
    const first = turn(1, 'visionary', 'Imagine a harbour');
    const second = turn(1, 'critic', 'And who pays?');

    it('reads a running debate from its ConfigMaps', async () => {
      put({ phase: 'Debating', debate: debateOf(first, second) });
      const round = encodeRound({ round: 1, turns: [first, second] });
      putConfigMap('tide-chart-round-1', { binaryData: { 'round.json.gz': round } });
      const { turns, missing } = await transcript();
      expect(turns).toEqual([first, second]);
      expect(missing).toEqual([]);
    });

    it('reads a finished debate from the vault of its wagon', async () => {
      put({ phase: 'Completed', debate: debateOf(first, second) });
      const file = JSON.stringify({ round: 1, turns: [first, second], dissent: [] });
      wagon.routes.set('GET /api/completions/tide-chart/.debate/round-1.json', file);
      expect((await transcript()).turns).toEqual([first, second]);
    });

    it('does not take the words of a wagon that changed them afterwards', async () => {
      put({ phase: 'Completed', debate: debateOf(first, second) });
      const changed = [{ ...first, text: 'Imagine a castle' }, turn(1, 'critic', 'Splendid!')];
      for (const turns of [changed, [first, changed[1]], [first]]) {
        wagon.routes.set(
          'GET /api/completions/tide-chart/.debate/round-1.json',
          JSON.stringify({ round: 1, turns, dissent: [] }),
        );
        const { turns: shown, missing } = await transcript();
        expect(shown).toEqual([]);
        expect(missing).toEqual([{ round: 1, message: 'no wagon has it' }]);
      }
    });

    it('finds a round on the wagon that held it, when the Objective has moved on', async () => {
      const other = await startTestWagon();
      test.wagons.put(
        aWagon({ metadata: { name: 'lxc-media' }, status: { phase: 'Ready', address: other.server.url } }),
      );
      test.tokens.set('lxc-media', 'other');
      other.routes.set('GET /api/completions/tide-chart/.debate/round-1.json', JSON.stringify({ turns: [first] }));
      put({ phase: 'Completed', debate: debateOf(first) });
      expect((await transcript()).turns).toEqual([first]);
      await other.close();
    });

    it('says which round it could not get, and shows the others', async () => {
      const late = turn(2, 'visionary', 'Then a pier');
      put({ phase: 'Completed', debate: debateOf(first, late) });
      wagon.routes.set('GET /api/completions/tide-chart/.debate/round-2.json', JSON.stringify({ turns: [late] }));
      const { turns, missing } = await transcript();
      expect(turns).toEqual([late]);
      expect(missing).toEqual([{ round: 1, message: 'no wagon has it' }]);
    });

    it('has the words that people sent it back with', async () => {
      const decision = {
        requestID: `${UID}-1`,
        planHash: sha256('x'),
        decidedBy: 'ada',
        at: '2026-11-24T10:00:00Z',
        prevHash: sha256(''),
      };
      put({ phase: 'Debating', decisions: [{ ...decision, decision: 'Feedback' }] });
      const words = { requestID: `${UID}-1`, afterRound: 1, by: 'ada', text: 'Mind the moon' };
      putConfigMap('tide-chart-feedback-1', { data: { 'feedback.json': JSON.stringify(words) } });
      expect((await transcript()).feedback).toEqual([{ afterRound: 1, by: 'ada', text: 'Mind the moon' }]);
    });
  });
});
