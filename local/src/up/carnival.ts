import { join } from 'node:path';
import { WAGONS, type Wagon } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { ApiError } from '@dark-carnival/kube';
import { childEnv } from './child-env.ts';
import type { DataFolder } from './data-folder.ts';
import { applyCrds } from './engine/apply-crds.ts';
import { choosePort, connect, type Engine, prepareApiServer } from './engine/engine.ts';
import { createWagons, missingWagons } from './engine/ensure-wagons.ts';
import { writeHubExtension } from './engine/kubeconfig-extension.ts';
import { type HubLan, lanOf, listenArgs } from './hub-lan.ts';
import { askLoginUrl } from './hub-login.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { launchOf, type WagonLaunch } from './kubelet/wagon-launch.ts';
import type { UpOptions } from './options.ts';
import { requireFreePorts } from './ports.ts';
import { CRD_FOLDER, PROGRAMS, V8_FLAGS } from './programs.ts';
import { type Discovery, discoverProviders, setUpProviders } from './providers/setup-providers.ts';
import { readyBanner } from './report/banner.ts';
import { kubeletLine } from './report/kubelet-lines.ts';
import { Reporter } from './report/reporter.ts';
import type { Spawn } from './supervise/child.ts';
import { CoreProcess } from './supervise/core-process.ts';
import { RotatingLog } from './supervise/rotating-log.ts';
import { UpError } from './up-error.ts';
import { declaredPorts, requestedPorts } from './wagon-ports.ts';

export interface CarnivalDeps {
  options: UpOptions;
  folder: DataFolder;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  spawn: Spawn;
  /** Writes one line (or block) to the person at the terminal. */
  print(text: string): void;
}

/** Together at most 10 s, the wagons first: what they still say must find somebody who listens. */
const GRACE_MS = { wagons: 5_000, controller: 2_500, api: 2_000 };
/** A wagon that takes longer does not hold up the banner. */
const WAGONS_READY_MS = 20_000;
const CRDS_SERVED_MS = 10_000;

/** All processes of the local engine, from start to stop. */
export class Carnival {
  readonly #deps: CarnivalDeps;
  readonly #hubUrl: string;
  readonly #stopping = new AbortController();
  #api: CoreProcess | undefined;
  #engine: Engine | undefined;
  #controller: CoreProcess | undefined;
  #kubelet: Kubelet | undefined;
  #reporter: Reporter | undefined;
  #lan: HubLan | undefined;

  constructor(deps: CarnivalDeps) {
    this.#deps = deps;
    this.#hubUrl = `http://127.0.0.1:${deps.options.hubPort}`;
  }

  /**
   * Starts everything, and prints the banner once it answers.
   * @throws UpError, one line; what has been started by then is ended by `stop`.
   */
  async start(): Promise<void> {
    const { env, cwd, clock, print } = this.#deps;
    const began = clock.monotonic();
    await this.#requirePorts();
    print(`starting; data in ${this.#deps.folder.path}`);
    const discovery = discoverProviders(env, cwd);
    const engine = await this.#startApi();
    // The controller loads for longer than the kinds take to be served; where it is faster it asks again.
    const [{ rehearsal }] = await Promise.all([this.#prepare(engine, discovery), this.#startController()]);
    this.#stopping.signal.throwIfAborted();
    const wagons = await this.#startWagons(engine);
    const loginUrl = await askLoginUrl(this.#hubUrl, engine.config);
    this.#stopping.signal.throwIfAborted();
    const seconds = (clock.monotonic() - began) / 1000;
    print(readyBanner({ seconds, loginUrl, lan: this.#lan, wagons, rehearsal, ...this.#places() }));
    this.#reporter = new Reporter(engine.client, clock, (line) => this.#say(line));
    this.#reporter.start();
  }

  /** Ends everything in order, within 10 s. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reporter?.stop();
    await this.#kubelet?.stop(GRACE_MS.wagons);
    await this.#controller?.stop(GRACE_MS.controller);
    await this.#engine?.transport.close();
    await this.#api?.stop(GRACE_MS.api);
  }

  /** Ends everything at once. */
  kill(): void {
    this.#stopping.abort();
    this.#kubelet?.kill();
    this.#controller?.kill();
    this.#api?.kill();
  }

  /** On a fresh folder nothing has been started yet when a taken port is told; later the API knows which wagons there are. */
  async #requirePorts(): Promise<void> {
    const { options, folder } = this.#deps;
    const { hubPort, apiPort, wagons = [] } = options;
    await requireFreePorts([
      { port: hubPort, who: 'the hub', remedy: 'stop it, or choose another with --port' },
      ...(apiPort === undefined
        ? []
        : [{ port: apiPort, who: 'the API server', remedy: 'stop it, or choose another with --api-port' }]),
      ...(folder.fresh ? requestedPorts(wagons) : []),
    ]);
  }

  async #startApi(): Promise<Engine> {
    const { options, folder } = this.#deps;
    const port = await choosePort({ port: options.apiPort, kubeconfig: folder.kubeconfig });
    this.#stopping.signal.throwIfAborted();
    const settings = {
      ...this.#deps,
      data: folder.path,
      kubeconfig: folder.kubeconfig,
      port,
      hubPlace: () => ({ hub: this.#hubUrl, lan: this.#lan }),
      log: this.#log('api'),
      say: (line: string) => this.#say(line),
    };
    this.#api = prepareApiServer(settings, port);
    await this.#api.start();
    this.#engine = connect(this.#api, folder.kubeconfig);
    return this.#engine;
  }

  /** Brings to the API what the others work on. */
  async #prepare(engine: Engine, discovery: Promise<Discovery>): Promise<{ rehearsal: boolean }> {
    try {
      await applyCrds(engine.client, CRD_FOLDER);
      await this.#prepareWagons(engine);
      this.#stopping.signal.throwIfAborted();
      return await setUpProviders(engine.client, await discovery, this.#deps.print);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const log = this.#log('api').path;
      throw new UpError(`the API server does not take what belongs into it (${error.message}); its log: ${log}`);
    }
  }

  async #prepareWagons({ client }: Engine): Promise<void> {
    const { options, folder } = this.#deps;
    const existing = await this.#listWagons(client);
    if (options.wagons === undefined) return;
    const missing = missingWagons(options.wagons, existing);
    const run = existing.filter((wagon) => launchOf(wagon, folder.wagons) !== undefined);
    await requireFreePorts([...declaredPorts(run), ...requestedPorts(missing)]);
    await createWagons(client, missing);
  }

  /** A CRD that was just created takes a moment until its kind is served. */
  async #listWagons(client: Engine['client']): Promise<Wagon[]> {
    const { clock } = this.#deps;
    const until = clock.monotonic() + CRDS_SERVED_MS;
    for (;;) {
      try {
        return (await client.list<Wagon>(WAGONS)).items;
      } catch (error) {
        const notYet = error instanceof ApiError && error.isNotFound && clock.monotonic() < until;
        if (!notYet || !(await sleep(clock, 50, this.#stopping.signal))) throw error;
      }
    }
  }

  #startController(): Promise<unknown> {
    const { options, folder, env, clock, spawn } = this.#deps;
    const log = this.#log('controller');
    const args = ['--kubeconfig', folder.kubeconfig, '--hub-port', String(options.hubPort), '--hub-host', '127.0.0.1'];
    args.push(...listenArgs(options, join(folder.path, 'tls')));
    this.#controller = new CoreProcess({
      name: 'controller',
      clock,
      logFile: log.path,
      say: (line) => this.#say(line),
      launch: () =>
        spawn({
          program: PROGRAMS.controller,
          v8Flags: V8_FLAGS.controller,
          args: [...args, '--exit-with-parent'],
          env: childEnv(env),
          log: (line) => log.write(line),
        }),
      onReady: (ready) => {
        this.#lan = lanOf(ready);
        writeHubExtension(folder.kubeconfig, { hub: this.#hubUrl, lan: this.#lan });
      },
    });
    return this.#controller.start();
  }

  async #startWagons({ client }: Engine): Promise<WagonLaunch[]> {
    const { options, folder, env, clock, spawn } = this.#deps;
    if (options.wagons === undefined) return [];
    const running = new Map<string, WagonLaunch>();
    const logs = new Map<string, RotatingLog>();
    const logOf = ({ namespace, name }: WagonLaunch) => {
      const file = namespace === 'default' ? `wagon-${name}` : `wagon-${namespace}_${name}`;
      const log = logs.get(file) ?? this.#log(file);
      logs.set(file, log);
      return log;
    };
    const kubelet = new Kubelet({
      client,
      clock,
      spawn,
      program: PROGRAMS.wagon,
      folder: folder.wagons,
      hubUrl: this.#hubUrl,
      env,
      logOf: (launch) => {
        const log = logOf(launch);
        return (line) => log.write(line);
      },
      onEvent: (launch, event) => {
        const key = `${launch.namespace}/${launch.name}`;
        if (event.type === 'ready') running.set(key, launch);
        const line = kubeletLine(launch, event, logOf(launch).path);
        if (line) this.#say(line);
      },
    });
    this.#kubelet = kubelet;
    await kubelet.start();
    const limit = this.#atMost(WAGONS_READY_MS);
    await kubelet.allReady(limit.signal);
    limit.clear();
    return [...running.values()];
  }

  /** @returns a signal that aborts after a while, or when we stop. */
  #atMost(limitMs: number): { signal: AbortSignal; clear(): void } {
    const { clock } = this.#deps;
    const late = new AbortController();
    const timer = clock.setTimeout(() => late.abort(), limitMs);
    return {
      signal: AbortSignal.any([late.signal, this.#stopping.signal]),
      clear: () => clock.clearTimeout(timer),
    };
  }

  #places() {
    const { folder, env, cwd } = this.#deps;
    const kubeconfigIsFound = !env['KUBECONFIG'] && folder.kubeconfig === join(cwd, '.carnival', 'kubeconfig');
    return { hubUrl: this.#hubUrl, kubeconfig: folder.kubeconfig, kubeconfigIsFound };
  }

  #log(name: string): RotatingLog {
    return new RotatingLog(join(this.#deps.folder.logs, `${name}.log`));
  }

  #say(line: string): void {
    const { clock, print } = this.#deps;
    const time = new Date(clock.now()).toTimeString().slice(0, 8);
    print(`${time}  ${line}`);
  }
}
