import type { KubeRequest, KubeResponse, KubeStream, Transport } from '@dark-carnival/kube';
import { TransientError } from './reconcile-errors.ts';

/**
 * Lets writes through only while this process leads: a controller that was frozen in the middle of a reconcile, and was succeeded, can no longer
 * harm. Reads always pass.
 */
export class FencedTransport implements Transport {
  readonly #inner: Transport;
  readonly #isLeader: () => boolean;

  constructor(inner: Transport, isLeader: () => boolean) {
    this.#inner = inner;
    this.#isLeader = isLeader;
  }

  /** @throws TransientError `NotLeader`, silent, for a write of a process that does not lead. */
  async request(request: KubeRequest): Promise<KubeResponse> {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && !this.#isLeader()) {
      throw new TransientError('NotLeader', 'this process does not lead any more', { silent: true });
    }
    return this.#inner.request(request);
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#inner.stream(request);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
