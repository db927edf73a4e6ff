import type { Assignment } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aTaskAssignment } from '../../testing/assignments.ts';
import { aService, ended, put } from '../../testing/job-bench.ts';
import { toMicroUSD } from '../journal/money.ts';
import { createLLMFactory } from '../providers/create-llm-factory.ts';
import { brokenChatStream, chatStream } from '../providers/testing/openai-fixtures.ts';
import { SkippingClock } from '../providers/testing/skipping-clock.ts';
import { startWireServer, type WireServer } from '../providers/testing/wire-server.ts';

const prices = (perMillion: string) => ({ inputPerMillionTokens: perMillion, outputPerMillionTokens: perMillion });
const DIGEST = `sha256:${'0'.repeat(64)}`;

/** A wagon's jobs on real sockets: `cheap` breaks each answer off half way, `dear` answers. */
async function aTable({ cheap, dear }: { cheap: string; dear: string }) {
  const servers: Record<string, WireServer> = { cheap: await startWireServer(), dear: await startWireServer() };
  const factory = createLLMFactory({
    clock: new SkippingClock(),
    random: () => 0,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  });
  onTestFinished(async () => {
    await Promise.all([factory.close(), ...Object.values(servers).map((server) => server.close())]);
  });
  servers.cheap?.play(() =>
    brokenChatStream('Half of an answer that was paid for all the same. '.repeat(8), 'disconnect'),
  );
  servers.dear?.play(() => chatStream('The whole answer.'));
  const grantOf = (name: string, price: string) => ({
    name,
    type: 'OpenAICompatible' as const,
    endpoint: `${servers[name]?.url}/v1`,
    model: name,
    prices: prices(price),
    probeIntervalSeconds: 300,
  });
  factory.setProviders({ providers: [grantOf('cheap', cheap), grantOf('dear', dear)], digest: DIGEST });
  const { service } = await aService({ factory });
  return { servers, service };
}

let tasks = 0;
function aTask(grant: Assignment['grant'], providers: string[]): Assignment {
  tasks += 1;
  const given = aTaskAssignment();
  if (!given.task) throw new Error('no task');
  // Another task each time: a later attempt at the same one would be handed what an earlier one bought.
  const id = given.id.replace(/\.task\..*$/, `.task.t${tasks}.1`);
  return { ...given, id, grant, task: { ...given.task, chain: { providers, maxTokens: 200 } } };
}

describe('a grant, where the first of a chain fails after it has spent', () => {
  it('pays for the next one where that fits, and the whole call stays within it', async () => {
    const { service } = await aTable({ cheap: '10', dear: '20' });
    const assignment = aTask({ costUSD: '1' }, ['cheap', 'dear']);
    put(service, assignment);
    const status = await ended({ service }, assignment);
    expect(status).toMatchObject({ state: 'Succeeded', task: { provider: 'dear' } });
    expect(status.takenBy?.map(({ provider }) => provider)).toEqual(['cheap', 'dear']);
    const taken = (status.takenBy ?? []).reduce((sum, { costUSD }) => sum + toMicroUSD(costUSD), 0);
    expect(taken).toBe(toMicroUSD(status.usage.costUSD ?? '0'));
    expect(status.usage.estimatedTokens).toBeGreaterThan(0);
  });

  it('is never exceeded by a further try or a dearer fallback, whatever it is', async () => {
    const { service, servers } = await aTable({ cheap: '5', dear: '40' });
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 120_000 }), async (micro) => {
        const costUSD = `0.${String(micro).padStart(6, '0')}`;
        const assignment = aTask({ costUSD }, ['cheap', 'dear']);
        put(service, assignment);
        const status = await ended({ service }, assignment);
        outcomes.add(status.reason ?? status.state);
        expect(toMicroUSD(status.usage.costUSD ?? '0')).toBeLessThanOrEqual(micro);
      }),
      { numRuns: 12, seed: 7, examples: [[1_000], [24_000], [120_000]] },
    );
    expect(outcomes).toContain('BudgetExhausted');
    expect(outcomes).toContain('Succeeded');
    expect(servers.cheap?.requests.length).toBeGreaterThan(0);
  });

  it('counts tokens of failed tries in the same way', async () => {
    const { service } = await aTable({ cheap: '0', dear: '0' });
    const outcomes = new Set<string>();
    for (const tokens of [900, 1000, 1100, 1400, 1800, 2400]) {
      const assignment = aTask({ tokens }, ['cheap', 'dear']);
      put(service, assignment);
      const status = await ended({ service }, assignment);
      outcomes.add(status.reason ?? status.state);
      expect(status.usage.totalTokens).toBeLessThanOrEqual(tokens);
    }
    expect([...outcomes].sort()).toEqual(['BudgetExhausted', 'Succeeded']);
  });
});
