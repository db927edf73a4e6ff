import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Heartbeat, nodeIdToName, type ProviderGrant, type ProviderGrants } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import { Secrets } from '@dark-carnival/telemetry';
import { providerKeyName, type WagonConfig } from './config.ts';
import { holdRound } from './debate/index.ts';
import { type Door, openDoor } from './door.ts';
import { JobService, type Say } from './jobs/index.ts';
import { Journal, JournalUnavailable } from './journal/index.ts';
import {
  HeartbeatLoop,
  type HeartbeatOutcome,
  HttpRingmaster,
  noLease,
  RenewableLease,
  WaitingRoom,
} from './lease/index.ts';
import { ownGrants, withOwn } from './own-providers.ts';
import { providerPlaces } from './provider-places.ts';
import { createLLMFactory, type LLMFactory } from './providers/index.ts';
import { type buildServer, createLogger, EventRing, type Logger } from './server/index.ts';
import { StartError } from './start-error.ts';
import { WagonTelemetry } from './telemetry/index.ts';
import { Vault, VaultError } from './vault/index.ts';

/** How often it is looked whether a provider is due for a probe. */
const PROBE_TICK_MS = 5000;
/** Calls in flight at a stop may end within this; what is left of 5 s is for closing. */
const STOP_GRACE_MS = 3500;

/** A wagon that runs. */
export interface Wagon {
  readonly url: string;
  readonly nodeID: string;
  /** Takes every secret that the wagon knows out of a text. */
  readonly scrub: (text: string) => string;
  /** Ends in good order within 5 s: takes nothing more, lets calls in flight end, leaves unfinished jobs to the next start. */
  stop(): Promise<void>;
}

/** The parts of the world that tests may own. */
export interface WagonWorld {
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
}

/**
 * Starts a wagon: journal and vault first, then what was unfinished, then the door, then the heartbeat.
 * @throws StartError with one line for people.
 */
export async function startWagon(config: WagonConfig, world: WagonWorld): Promise<Wagon> {
  const journal = openJournal(config.dataFolder);
  try {
    return await new WagonProcess(config, world, journal).start();
  } catch (error) {
    journal.close();
    throw error instanceof VaultError ? new StartError(error.message) : error;
  }
}

class WagonProcess implements Wagon {
  readonly #config: WagonConfig;
  readonly #world: WagonWorld;
  readonly #journal: Journal;
  readonly #secrets = new Secrets();
  readonly #logger: Logger;
  readonly #events: EventRing;
  readonly #identity: Parameters<typeof buildServer>[0]['identity'];
  readonly #own: readonly ProviderGrant[];
  readonly #factory: LLMFactory;
  readonly #lease: RenewableLease;
  readonly #granted: WaitingRoom;
  readonly #telemetry: WagonTelemetry;
  #vault: Vault | undefined;
  #jobs: JobService | undefined;
  #door: Door | undefined;
  #heartbeat: HeartbeatLoop | undefined;
  #probeTimer: Timer | undefined;
  #healthSeen = '';
  #stopping: Promise<void> | undefined;

  constructor(config: WagonConfig, world: WagonWorld, journal: Journal) {
    this.#config = config;
    this.#world = world;
    this.#journal = journal;
    this.#own = ownGrants(config);
    this.#secrets.add([
      config.token,
      ...config.providerKeys.values(),
      ...this.#own.flatMap(({ apiKey }) => apiKey ?? []),
    ]);
    this.#logger = createLogger(config.logLevel, config.nodeID, this.#secrets.scrub);
    const { clock, random } = world;
    this.#identity = {
      nodeID: config.nodeID,
      name: nodeIdToName(config.nodeID),
      role: config.role,
      namespace: config.namespace,
      version: versionOfPackage(),
      instanceID: randomUUID(),
    };
    this.#events = new EventRing(this.#identity.instanceID, clock, this.#secrets.scrub);
    this.#telemetry = new WagonTelemetry(clock, {
      jobs: () => this.#jobs?.slots ?? { running: 0, capacity: config.maxConcurrentJobs },
      unfinishedJobs: () => journal.jobs.countUnfinished(),
      vault: () => this.#vault?.totals ?? { files: 0, bytes: 0 },
      providers: () => this.#factory.health(),
      leaseSeconds: () => (config.ringmasterUrl === undefined ? undefined : this.#lease.remainingMs / 1000),
      journalFolder: config.dataFolder,
    });
    this.#factory = createLLMFactory({
      observer: this.#telemetry.calls,
      clock,
      random,
      logger: this.#logger,
      own: this.#own,
      ...providerPlaces(config),
    });
    this.#lease = new RenewableLease(clock);
    this.#granted = new WaitingRoom(clock);
  }

  get scrub(): (text: string) => string {
    return this.#secrets.scrub;
  }

  get url(): string {
    return this.#door?.url ?? '';
  }

  get nodeID(): string {
    return this.#config.nodeID;
  }

  async start(): Promise<Wagon> {
    const { clock } = this.#world;
    const { dataFolder, namespace, maxConcurrentJobs, ringmasterUrl } = this.#config;
    await this.#telemetry.trace(this.#config.trace, {
      identity: this.#identity,
      secrets: this.#secrets,
      logger: this.#logger,
    });
    const unique = () => randomBytes(9).toString('hex');
    const vault = await Vault.open(join(dataFolder, 'vault'), namespace, { clock, unique });
    this.#vault = vault;
    const jobs = new JobService(
      {
        journal: this.#journal,
        vault,
        lease: ringmasterUrl === undefined ? noLease : this.#lease,
        factory: this.#factory,
        granted: this.#granted,
        holdRound,
        clock,
        emit: this.#events.emit,
        say: this.#say,
        scrub: this.#secrets.scrub,
        onCall: () => this.#noticeHealth(),
        observer: this.#telemetry.jobs,
      },
      { capacity: maxConcurrentJobs, onSlots: () => this.#heartbeat?.hurry() },
    );
    this.#jobs = jobs;
    this.#door = await this.#openDoor(jobs, vault);
    const resumed = jobs.resume();
    if (resumed > 0) this.#say('info', `Going on with ${resumed} unfinished jobs`);
    if (ringmasterUrl !== undefined) this.#heartbeat = this.#beat(ringmasterUrl, jobs, vault);
    this.#probeSoon();
    return this;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#probeTimer !== undefined) this.#world.clock.clearTimeout(this.#probeTimer);
    await this.#jobs?.stop(STOP_GRACE_MS);
    await Promise.all([this.#heartbeat?.stop(), this.#door?.server.close(), this.#factory.close()]);
    await Promise.all([this.#vault?.settle(), this.#telemetry.stop()]);
    const unfinished = this.#journal.jobs.countUnfinished();
    this.#journal.close();
    this.#logger.info({ unfinished }, 'Wagon stopped');
  }

  #openDoor(jobs: JobService, vault: Vault): Promise<Door> {
    return openDoor(this.#config, {
      token: this.#config.token,
      identity: this.#identity,
      jobs,
      vault,
      events: this.#events,
      setProviders: (grants) => this.#setProviders(grants),
      providerHealth: () => this.#factory.health(),
      notReadyReason: () => (this.#stopping === undefined ? undefined : 'the wagon stops'),
      clock: this.#world.clock,
      logger: this.#logger,
      metrics: () => this.#telemetry.meter.expose(),
    });
  }

  #beat(ringmasterUrl: string, jobs: JobService, vault: Vault): HeartbeatLoop {
    const { clock, random } = this.#world;
    const { token, namespace, ringmasterFingerprint } = this.#config;
    const loop = new HeartbeatLoop({
      clock,
      random,
      ringmaster: new HttpRingmaster(ringmasterUrl, token, namespace, ringmasterFingerprint),
      lease: this.#lease,
      namespace,
      compose: () => this.#composeHeartbeat(jobs, vault),
      admitEpoch: (epoch) => jobs.admitEpoch(epoch),
      onChange: (outcome) => this.#sayHeartbeat(outcome),
    });
    loop.start();
    return loop;
  }

  #composeHeartbeat(jobs: JobService, vault: Vault): Heartbeat {
    const { nodeID, role, instanceID, version } = this.#identity;
    const { digest } = this.#factory;
    const fingerprint = this.#door?.fingerprint;
    return {
      nodeID,
      role,
      instanceID,
      version,
      address: this.url,
      ...(fingerprint === undefined ? {} : { tlsFingerprint: fingerprint }),
      jobs: jobs.slots,
      vault: vault.totals,
      providers: this.#factory.health(),
      ...(digest === undefined ? {} : { providersDigest: digest }),
    };
  }

  #setProviders({ providers, digest }: ProviderGrants): void {
    this.#secrets.add(providers.flatMap(({ apiKey }) => apiKey ?? []));
    const keyOf = (provider: string) => this.#config.providerKeys.get(providerKeyName(provider));
    this.#factory.setProviders({ providers: withOwn(providers, this.#own, keyOf), digest });
    this.#granted.wakeAll();
    this.#probe(true);
  }

  #probeSoon(): void {
    this.#probe(false);
    this.#probeTimer = this.#world.clock.setTimeout(() => this.#probeSoon(), PROBE_TICK_MS);
  }

  #probe(force: boolean): void {
    void this.#factory.probe({ force }).then(() => this.#noticeHealth());
  }

  /** The controller schedules by health: it should not wait for the next round to hear of a change. */
  #noticeHealth(): void {
    const health = JSON.stringify(this.#factory.health());
    if (health === this.#healthSeen) return;
    this.#healthSeen = health;
    this.#heartbeat?.hurry();
  }

  readonly #say: Say = (level, message, about = {}) => {
    this.#logger[level](about, message);
    if (level !== 'debug') this.#events.emit({ type: 'log', level, message: message.slice(0, 4096), ...about });
  };

  #sayHeartbeat(outcome: HeartbeatOutcome): void {
    if (outcome.outcome === 'renewed') this.#say('info', `Leased as ${outcome.answer.wagon} by the ringmaster`);
    else if (outcome.outcome === 'refused') this.#say('error', `The ringmaster refuses this wagon: ${outcome.message}`);
    else this.#say('warn', `No ringmaster answers: ${outcome.message}`);
  }
}

function openJournal(folder: string): Journal {
  try {
    return Journal.open(folder);
  } catch (error) {
    if (!(error instanceof JournalUnavailable)) throw error;
    const advice = error.inUse
      ? 'stop it, or set CARNIVAL_DATA to another folder'
      : 'set CARNIVAL_DATA to another folder';
    throw new StartError(`${error.message}: ${advice}`);
  }
}

function versionOfPackage(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}
