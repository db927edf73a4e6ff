import { join } from 'node:path';
import { isLoopbackHost } from '@dark-carnival/crds';
import type { FastifyInstance } from 'fastify';
import type { WagonConfig } from './config.ts';
import { localAddressTowards, ownNames } from './own-addresses.ts';
import { buildServer } from './server/index.ts';
import { StartError } from './start-error.ts';
import { codeOf } from './vault/index.ts';

/** A server that listens. */
export interface Door {
  server: FastifyInstance;
  /** Where others reach it. */
  url: string;
  /** Of the certificate that it serves https with; undefined for plain http. */
  fingerprint: string | undefined;
}

type DoorConfig = Pick<WagonConfig, 'host' | 'port' | 'dataFolder' | 'advertiseUrl' | 'ringmasterUrl'>;

/** Listens. Loopback is served in the clear; whatever leaves the machine is not. @throws StartError that says what to set. */
export async function openDoor(config: DoorConfig, deps: Parameters<typeof buildServer>[0]): Promise<Door> {
  const { host, port } = config;
  const certificate = await certificateFor(config, deps.clock.now());
  const server = buildServer(deps, certificate);
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw new StartError(listenFault(error, host, port));
  }
  const bound = server.server.address();
  const actualPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const scheme = certificate === undefined ? 'http' : 'https';
  return { server, url: await reachedAt(config, scheme, actualPort), fingerprint: certificate?.fingerprint };
}

/** @returns undefined on loopback. */
async function certificateFor({ host, dataFolder }: DoorConfig, nowMs: number) {
  if (isLoopbackHost(host)) return undefined;
  const { selfSignedCertificate } = await import('@dark-carnival/tls');
  return selfSignedCertificate(join(dataFolder, 'tls'), ownNames(host), nowMs);
}

async function reachedAt(
  { host, advertiseUrl, ringmasterUrl }: DoorConfig,
  scheme: 'http' | 'https',
  port: number,
): Promise<string> {
  if (advertiseUrl !== undefined) return advertiseUrl;
  const isEvery = host === '0.0.0.0' || host === '::';
  const own = isEvery ? await localAddressTowards(ringmasterUrl) : host;
  return `${scheme}://${own.includes(':') ? `[${own}]` : own}:${port}`;
}

function listenFault(error: unknown, host: string, port: number): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is taken: set PORT to a free one`;
  if (code === 'EACCES') return `port ${port} of ${host} may not be used by this user: set PORT to one above 1023`;
  return `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}
