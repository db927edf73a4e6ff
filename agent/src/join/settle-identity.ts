import { isLoopbackUrl, type JoinToken, nodeIdToName } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import type { WagonConfig, WagonSettings } from '../config.ts';
import { StartError } from '../start-error.ts';
import { type Identity, joinNonce, readIdentity, writeIdentity } from './identity.ts';
import { type JoinAddress, requestJoin } from './join-request.ts';

export interface SettleWorld {
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** A line for people, without secrets. */
  say: (line: string) => void;
  /** Asks the `carnival up` with this data folder for a join token. */
  askLocalCarnival: (folder: string, namespace: string | undefined) => Promise<JoinToken>;
}

const DEFAULT_ROLE = 'CORE';
const RETRY_MS = { first: 500, max: 10_000 };

/**
 * Finds out which wagon this is: by the token that it was given, by what its data folder remembers, or by joining. Waits for a hub that does not answer yet,
 * for ever: machines of one house start together.
 * @throws StartError with one line that says what to do.
 */
export async function settleIdentity(settings: WagonSettings, world: SettleWorld): Promise<WagonConfig> {
  const { token } = settings;
  if (token !== undefined) return declared(settings, token);
  const kept = readIdentity(settings.dataFolder);
  const { joinToken } = settings;
  if (kept && (joinToken === undefined || joinToken.id === kept.joinTokenID)) return remembered(settings, kept);
  const given = joinToken ?? (await localJoinToken(settings, world));
  const identity = await join(settings, given, world);
  writeIdentity(settings.dataFolder, identity);
  return remembered(settings, identity);
}

function declared(settings: WagonSettings, token: string): WagonConfig {
  const { role = DEFAULT_ROLE, namespace = 'default' } = settings;
  return complete(settings, { token, role, namespace, nodeID: settings.nodeID });
}

/** What was settled when it joined stays; the hub may have moved. */
function remembered(settings: WagonSettings, identity: Identity): WagonConfig {
  const { nodeID, nodeIDIsGiven, dataFolder, role, namespace } = settings;
  const differs = (what: string, is: string, given: string) =>
    new StartError(
      `${dataFolder} is the folder of a wagon with ${what} ${is}, not ${given}: set CARNIVAL_DATA to another`,
    );
  if (nodeIDIsGiven && nodeID !== identity.nodeID) throw differs('NODE_ID', identity.nodeID, nodeID);
  if (role !== undefined && role !== identity.role) throw differs('NODE_ROLE', identity.role, role);
  if (namespace !== undefined && namespace !== identity.namespace) {
    throw differs('CARNIVAL_NAMESPACE', identity.namespace, namespace);
  }
  const { ringmasterUrl, ringmasterFingerprint } = identity;
  return complete(
    { ringmasterUrl, ...(ringmasterFingerprint === undefined ? {} : { ringmasterFingerprint }), ...settings },
    identity,
  );
}

function complete(
  settings: Omit<WagonSettings, 'role' | 'namespace'>,
  { token, nodeID, role, namespace }: Pick<Identity, 'token' | 'nodeID' | 'role' | 'namespace'>,
): WagonConfig {
  const { joinToken: _, localCarnival: __, nodeIDIsGiven: ___, host, ringmasterFingerprint, ...rest } = settings;
  const { ringmasterUrl } = rest;
  // A hub elsewhere has to reach the wagon.
  const isRemote = ringmasterUrl !== undefined && !isLoopbackUrl(ringmasterUrl);
  const pin = ringmasterUrl === undefined ? undefined : pinFor(ringmasterUrl, ringmasterFingerprint);
  return {
    ...rest,
    ...(pin === undefined ? {} : { ringmasterFingerprint: pin }),
    ...{ token, nodeID, role, namespace },
    host: host ?? (isRemote ? '0.0.0.0' : '127.0.0.1'),
  };
}

async function localJoinToken(settings: WagonSettings, world: SettleWorld): Promise<JoinToken> {
  const { localCarnival, ringmasterUrl, namespace } = settings;
  const isHere = ringmasterUrl === undefined || isLoopbackUrl(ringmasterUrl);
  if (localCarnival !== undefined && isHere) return world.askLocalCarnival(localCarnival, namespace);
  throw new StartError(
    'this wagon has no token: set CARNIVAL_JOIN_TOKEN to what `carnival join-token create` prints where the hub is (a wagon that was declared: CARNIVAL_WAGON_TOKEN)',
  );
}

async function join(settings: WagonSettings, token: JoinToken, world: SettleWorld): Promise<Identity> {
  const address = addressOf(settings, token);
  const { nodeID, role, namespace } = settings;
  if (namespace !== undefined && namespace !== token.namespace) {
    throw new StartError(`the join token is for namespace ${token.namespace}, not ${namespace}`);
  }
  const nonce = joinNonce(settings.dataFolder, { hub: address.fingerprint ?? address.url, namespace: token.namespace });
  const { id, secret } = token;
  const request = { namespace: token.namespace, id, secret, nonce, nodeID, ...(role === undefined ? {} : { role }) };
  let said = '';
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await requestJoin(address, request);
    if (outcome.outcome === 'joined') {
      const { answer } = outcome;
      world.say(`joined ${address.url} as ${nodeIdToName(answer.nodeID)}, role ${answer.role}`);
      return { ...identityOf(address), ...answer, joinTokenID: id };
    }
    if (outcome.outcome === 'refused') throw new StartError(`${address.url} does not let it join: ${outcome.message}`);
    if (outcome.message !== said) world.say(`waiting for ${address.url}: ${outcome.message}`);
    said = outcome.message;
    const backoff = Math.min(RETRY_MS.first * 2 ** Math.min(attempt, 10), RETRY_MS.max) * (0.5 + world.random() / 2);
    await sleep(world.clock, Math.max(backoff, outcome.retryAfterMs), new AbortController().signal);
  }
}

/** @throws StartError where the secret would cross a network in the clear. */
function addressOf(settings: WagonSettings, token: JoinToken): JoinAddress {
  const url = (settings.ringmasterUrl ?? token.url).replace(/\/+$/, '');
  if (!url.startsWith('https:') && !isLoopbackUrl(url)) {
    throw new StartError(`the join token would go to ${url} in the clear: start the hub with --listen, and use https`);
  }
  return { url, fingerprint: pinFor(url, settings.ringmasterFingerprint ?? token.fingerprint) };
}

/** A hub that moved to the loopback of this machine (a tunnel to it) has no certificate there. */
const pinFor = (url: string, fingerprint: string | undefined): string | undefined =>
  url.startsWith('http:') && isLoopbackUrl(url) ? undefined : fingerprint;

function identityOf({ url, fingerprint }: JoinAddress): Pick<Identity, 'ringmasterUrl' | 'ringmasterFingerprint'> {
  return { ringmasterUrl: url, ...(fingerprint === undefined ? {} : { ringmasterFingerprint: fingerprint }) };
}
