import { isLoopbackHost } from '@dark-carnival/crds';
import { FINGERPRINT } from '@dark-carnival/tls';
import { CliError, usageError } from '../cli-error.ts';

export interface HubAddressSources {
  /** `--hub`. */
  flag: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Of the kubeconfig's cluster. */
  extension: string | undefined;
}

/**
 * Where the hub is: `--hub`, else `RINGMASTER_URL`, else the kubeconfig's extension.
 * @throws CliError where nobody says, where it is no URL, and where the token would travel in the clear.
 */
export function hubAddress({ flag, env, extension }: HubAddressSources): string {
  const [source, given] =
    flag !== undefined
      ? ['--hub', flag]
      : env['RINGMASTER_URL']
        ? ['RINGMASTER_URL', env['RINGMASTER_URL']]
        : ['', extension];
  if (given === undefined) {
    throw new CliError('no hub is known for this cluster: give --hub URL, or set RINGMASTER_URL');
  }
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(
      `${source || "the kubeconfig's hub"} ${given} is no http(s) URL: give one such as http://127.0.0.1:8000`,
    );
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw usageError(
      `the hub ${url.origin} would get your token over plain http: use https, or an SSH tunnel to 127.0.0.1`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

export interface HubPinSources {
  /** `--hub-fingerprint`. */
  flag: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Of the kubeconfig's cluster, unchecked. */
  extension: unknown;
}

/**
 * Of the hub's certificate: `--hub-fingerprint`, else `RINGMASTER_FINGERPRINT`, else the kubeconfig's extension. Undefined for a hub in the clear, and where nobody
 * says: then the system's authorities have to vouch for it.
 * @throws CliError for what is no fingerprint: a typing error must not turn the check off.
 */
export function hubPin(url: string, { flag, env, extension }: HubPinSources): string | undefined {
  if (!url.startsWith('https:')) return undefined;
  const given = flag ?? (env['RINGMASTER_FINGERPRINT'] || undefined) ?? extension;
  if (given === undefined) return undefined;
  if (typeof given === 'string' && FINGERPRINT.test(given)) return given;
  throw usageError(
    `${String(given).slice(0, 80)} is no fingerprint: it is sha256: and 64 hexadecimal digits, as the hub prints it`,
  );
}
