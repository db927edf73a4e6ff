import { type ClusterConfig, KubeconfigError, loadInCluster, loadKubeconfig } from '@dark-carnival/kube';
import { logRedaction, SECRET_TRACE_VARIABLES, Secrets, scrubCrashes } from '@dark-carnival/telemetry';
import { pino } from 'pino';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type HubLan, lanNames } from './hub/index.ts';
import { startRingmaster } from './ringmaster.ts';

/** A stop that takes longer is cut off: whoever started us has waited long enough. */
const STOP_LIMIT_MS = 15_000;

const say = (line: string) => void process.stderr.write(`ringmaster: ${line}\n`);

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  for (const name of SECRET_TRACE_VARIABLES) delete process.env[name];
  const secrets = new Secrets();
  scrubCrashes(secrets.scrub, say);
  const log = pino({ level: config.logLevel, ...logRedaction(secrets.scrub) }, pino.destination({ fd: 2, sync: true }));
  const ringmaster = await startRingmaster({
    cluster: loadCluster(config),
    namespace: config.namespace === 'all' ? undefined : config.namespace,
    hub: { host: config.hubHost, port: config.hubPort, namespace: config.hubNamespace, lan: await lanOf(config) },
    internal: { host: config.internalHost, port: config.internalPort },
    identity: config.identity,
    ...{ log, secrets, trace: config.trace },
  });
  const stop = () => {
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void ringmaster.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (config.exitWithParent) process.stdin.once('close', stop).once('end', stop).resume();
  await ringmaster.leads;
  process.stdout.write(`${JSON.stringify({ ready: true, hub: ringmaster.hubUrl, lan: ringmaster.lan })}\n`);
}

/** The hub's certificate is made at the first start that needs it. */
async function lanOf({ listen: host, hubNames: names, tlsDir }: Config): Promise<HubLan | undefined> {
  if (host === undefined || tlsDir === undefined) return undefined;
  const { selfSignedCertificate } = await import('@dark-carnival/tls');
  return { host, names, ...(await selfSignedCertificate(tlsDir, lanNames({ host, names }), Date.now())) };
}

function loadCluster({ kubeconfig }: Config): ClusterConfig {
  const inCluster = kubeconfig === undefined ? loadInCluster({ env: process.env }) : undefined;
  return inCluster ?? loadKubeconfig({ env: process.env, ...(kubeconfig === undefined ? {} : { path: kubeconfig }) });
}

/** One line for what a person can put right; a stack for what is our mistake. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof KubeconfigError || error instanceof RangeError)
    return error.message;
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken: stop what listens there, or choose another with --hub-port`;
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine: choose another with --listen`;
  if (code === 'EACCES') return `port ${port} on ${address} may not be listened on: choose another with --hub-port`;
  return `failed: ${error instanceof Error ? error.stack : String(error)}`;
}

main().catch((error: unknown) => {
  say(explain(error));
  process.exit(error instanceof ConfigError ? 2 : 1);
});
