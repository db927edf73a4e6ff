import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { systemClock } from '@dark-carnival/crds/clock';
import { selfSignedCertificate } from '@dark-carnival/tls';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { createLLMFactory } from './create-llm-factory.ts';

/** What a wagon says of an endpoint, after a real probe. */
async function probed(endpoint: string) {
  const factory = createLLMFactory({ clock: systemClock, random: () => 0, logger: pino({ level: 'silent' }) });
  onTestFinished(() => factory.close());
  const provider = { name: 'it', type: 'OpenAICompatible', wire: 'OpenAI', model: 'm', endpoint } as const;
  factory.setProviders({ providers: [{ ...provider, probeIntervalSeconds: 300 }], digest: `sha256:${'0'.repeat(64)}` });
  await factory.probe({ force: true });
  return factory.health().find(({ name }) => name === 'it');
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a provider that cannot be reached says why', () => {
  it('where its name is not found', async () => {
    expect(await probed('http://nowhere.invalid/v1')).toMatchObject({ reason: 'Unreachable', cause: 'NameNotFound' });
  });

  it('where nothing listens', async () => {
    const server = createServer();
    const port = await portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await probed(`http://127.0.0.1:${port}/v1`)).toMatchObject({ cause: 'ConnectionRefused' });
  });

  it('where the connection breaks', async () => {
    const port = await portOf(createServer((socket) => socket.resetAndDestroy()));
    expect(await probed(`http://127.0.0.1:${port}/v1`)).toMatchObject({ cause: 'ConnectionLost' });
  });

  it('where its certificate is of nobody that is trusted', async () => {
    const { certPem, keyPem } = await selfSignedCertificate(await temporaryFolder(), ['127.0.0.1'], Date.now());
    const port = await portOf(createTlsServer({ cert: certPem, key: keyPem }));
    expect(await probed(`https://127.0.0.1:${port}/v1`)).toMatchObject({ cause: 'CertificateRefused' });
  });
});
