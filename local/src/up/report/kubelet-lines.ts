import type { KubeletEvent } from '../kubelet/kubelet.ts';
import type { WagonLaunch } from '../kubelet/wagon-launch.ts';
import { describeExit } from '../supervise/child.ts';

/** What is said about a wagon's process; nothing about one that simply starts. */
export function kubeletLine({ name, port }: WagonLaunch, event: KubeletEvent, logFile: string): string | undefined {
  switch (event.type) {
    case 'started':
      return undefined;
    case 'ready':
      return event.restarts > 0 ? `wagon ${name} runs again on :${port}` : undefined;
    case 'exited':
      return `wagon ${name} ended (${describeExit(event.exit)}); again in ${event.retryInMs / 1000} s; log: ${logFile}`;
    case 'stopped':
      return `wagon ${name} is stopped`;
  }
}
