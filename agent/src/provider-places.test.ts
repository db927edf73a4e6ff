import { systemClock } from '@dark-carnival/crds/clock';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aSlowModel } from '../testing/slow-model.ts';
import type { ClusterPlace } from './config.ts';
import { providerPlaces } from './provider-places.ts';
import { createLLMFactory } from './providers/index.ts';

const apiServer = '10.43.0.1:443';

/** The health of a provider at an endpoint, as a wagon of this place finds it out by a real probe. */
async function probed(endpoint: string, place: Parameters<typeof providerPlaces>[0]) {
  const logger = pino({ level: 'silent' });
  const factory = createLLMFactory({ clock: systemClock, random: () => 0, logger, ...providerPlaces(place) });
  onTestFinished(() => factory.close());
  const provider = { name: 'it', type: 'OpenAICompatible', wire: 'OpenAI', model: 'slow-1', endpoint } as const;
  factory.setProviders({
    providers: [{ ...provider, apiKey: 'k', probeIntervalSeconds: 300 }],
    digest: `sha256:${'0'.repeat(64)}`,
  });
  await factory.probe({ force: true });
  return factory.health().find(({ name }) => name === 'it');
}

const cluster = (allowedCIDRs: string[] = []): { cluster: ClusterPlace } => ({ cluster: { apiServer, allowedCIDRs } });

describe('where providers may be', () => {
  it("is anywhere on a machine of one's own, but at the hub", async () => {
    const { endpoint } = await aSlowModel();
    expect(await probed(endpoint, {})).toMatchObject({ healthy: 'True' });
    expect(await probed(endpoint, { ringmasterUrl: new URL(endpoint).origin })).toMatchObject({ reason: 'Refused' });
  });

  it('is no private address in a cluster, unless its owner lists the range', async () => {
    const { endpoint } = await aSlowModel();
    expect(await probed(endpoint, cluster())).toMatchObject({ healthy: 'False', reason: 'Refused' });
    expect(await probed(endpoint, cluster(['10.0.0.0/8']))).toMatchObject({ reason: 'Refused' });
    expect(await probed(endpoint, cluster(['127.0.0.0/8']))).toMatchObject({ healthy: 'True' });
  });

  it('is never the Kubernetes API, in a listed range or not, by number or by name', async () => {
    const { endpoint } = await aSlowModel();
    const { port } = new URL(endpoint);
    const place = { cluster: { apiServer: `127.0.0.1:${port}`, allowedCIDRs: ['127.0.0.0/8', '::1/128'] } };
    expect(await probed(endpoint, place)).toMatchObject({ reason: 'Refused' });
    expect(await probed(`http://localhost:${port}/v1`, place)).toMatchObject({ reason: 'Refused' });
  });
});
