import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why this machine cannot make network namespaces; undefined where it can. */
export function noNamespacesReason(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  for (const program of ['ip', 'python3']) {
    if (spawnSync(program, ['-V']).error) return `${program} is not installed`;
  }
  const name = `dc-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'ip netns add is refused here';
  spawnSync('ip', ['netns', 'delete', name]);
  return undefined;
}

/** @throws with what `ip` said. */
export function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A machine of its own, as far as the network goes: loopback and nothing else. */
export class NetworkNamespace {
  readonly name: string;

  constructor(purpose: string) {
    this.name = `dc-${purpose}-${process.pid}`;
    ip('netns', 'add', this.name);
    ip('-n', this.name, 'link', 'set', 'lo', 'up');
  }

  /** The command line that runs another one inside. */
  inside(...command: string[]): [program: string, args: string[]] {
    return ['ip', ['netns', 'exec', this.name, ...command]];
  }

  /** Its processes must have ended. */
  remove(): void {
    spawnSync('ip', ['netns', 'delete', this.name]);
  }
}
