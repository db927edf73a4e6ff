import { FIELD_MANAGERS } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import {
  type ClusterConfig,
  createTransport,
  KubeClient,
  KubeconfigError,
  loadKubeconfig,
  type Transport,
} from '@dark-carnival/kube';
import { childEnv } from '../child-env.ts';
import { isPortFree } from '../ports.ts';
import { PROGRAMS, V8_FLAGS } from '../programs.ts';
import type { Spawn } from '../supervise/child.ts';
import { CoreProcess } from '../supervise/core-process.ts';
import { urlOf } from '../supervise/ready-line.ts';
import type { RotatingLog } from '../supervise/rotating-log.ts';
import { UpError } from '../up-error.ts';
import { type HubPlace, readServerPort, writeHubExtension } from './kubeconfig-extension.ts';

export interface EngineOptions {
  data: string;
  kubeconfig: string;
  /** undefined: the one of the last start where it is free, else any free one. */
  port: number | undefined;
  /** As known now: the fingerprint comes with the hub's first answer. */
  hubPlace: () => HubPlace;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  spawn: Spawn;
  log: RotatingLog;
  say(line: string): void;
}

/** The API server process, and our way to it. */
export interface Engine {
  readonly process: CoreProcess;
  readonly client: KubeClient;
  readonly config: ClusterConfig;
  readonly transport: Transport;
}

/**
 * Prepares the API server. Once it has been ready its port stays the same, however often it is started again: whoever has the kubeconfig
 * finds it.
 */
export function prepareApiServer(options: EngineOptions, port: number | undefined): CoreProcess {
  const { data, kubeconfig, hubPlace, env, clock, spawn, log, say } = options;
  let current = port;
  return new CoreProcess({
    name: 'API server',
    clock,
    logFile: log.path,
    say,
    launch: () => {
      const at = current === undefined ? [] : ['--port', String(current)];
      const args = ['--data', data, ...at, '--exit-with-parent'];
      return spawn({
        program: PROGRAMS.api,
        args,
        v8Flags: V8_FLAGS.api,
        env: childEnv(env),
        log: (line) => log.write(line),
      });
    },
    onReady: (ready) => {
      const url = urlOf(ready, 'url');
      current = url === undefined ? current : Number(new URL(url).port);
      // The server writes its kubeconfig anew at each start.
      writeHubExtension(kubeconfig, hubPlace());
    },
  });
}

/** The port to ask for: the wanted one, else the one of the last start where nobody has taken it. */
export async function choosePort({ port, kubeconfig }: Pick<EngineOptions, 'port' | 'kubeconfig'>) {
  if (port !== undefined) return port;
  const last = readServerPort(kubeconfig);
  return last !== undefined && (await isPortFree(last)) ? last : undefined;
}

/**
 * Connects to the API server by the kubeconfig that it wrote.
 * @throws UpError when that cannot be read.
 */
export function connect(process: CoreProcess, kubeconfig: string): Engine {
  try {
    const config = loadKubeconfig({ path: kubeconfig, env: {} });
    const transport = createTransport(config, { userAgent: 'carnival-up/0.1.0' });
    return { process, config, transport, client: new KubeClient(transport, { fieldManager: FIELD_MANAGERS.up }) };
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UpError(error.message);
    throw error;
  }
}
