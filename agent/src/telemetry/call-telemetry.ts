import type { ProviderGrant } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { CallObserver, Try, TryFailure, TryWatch } from '../providers/call-observer.ts';
import type { Completion, Spend } from '../providers/provider.ts';
import type { CallMetrics } from './call-metrics.ts';
import type { CallSpans } from './call-spans.ts';
import { type GenAiServer, serverOf } from './gen-ai.ts';

/** Counts and traces every try at a provider. */
export class CallTelemetry implements CallObserver {
  readonly #metrics: CallMetrics;
  readonly #spans: CallSpans;
  readonly #clock: Clock;
  /** A grant is one object for as long as it holds. */
  readonly #servers = new WeakMap<ProviderGrant, GenAiServer>();

  constructor(metrics: CallMetrics, spans: CallSpans, clock: Clock) {
    this.#metrics = metrics;
    this.#spans = spans;
    this.#clock = clock;
  }

  begin(tried: Try): TryWatch {
    const clock = this.#clock;
    const server = this.#serverOf(tried.grant);
    const open = { startMs: clock.now(), sends: 0 };
    let startedAt = clock.monotonic();
    let progressed = false;
    const seconds = () => (clock.monotonic() - startedAt) / 1000;
    const refusedForm = {
      type: 'bad-request',
      message: 'the form of the question was refused: asked again in another',
    };
    const restart = () => {
      if (open.sends > 0 && this.#spans.isOn) this.#spans.failed(tried, server, open, clock.now(), refusedForm);
      open.startMs = clock.now();
      open.sends += 1;
      startedAt = clock.monotonic();
    };
    return {
      sent: restart,
      progressed: () => {
        if (progressed) return;
        progressed = true;
        this.#metrics.firstChunk(tried, server, seconds());
      },
      answered: (completion: Completion, spent: Spend) => {
        this.#metrics.answered(tried, server, seconds(), completion, spent);
        if (this.#spans.isOn) this.#spans.answered(tried, server, open, clock.now(), completion, spent);
      },
      failed: (failure: TryFailure, message: string, spent: Spend) => {
        this.#metrics.failed(tried, server, seconds(), failure, spent);
        if (this.#spans.isOn) this.#spans.failed(tried, server, open, clock.now(), { type: failure, message });
      },
    };
  }

  #serverOf(grant: ProviderGrant): GenAiServer {
    const known = this.#servers.get(grant);
    if (known) return known;
    const server = serverOf(grant);
    this.#servers.set(grant, server);
    return server;
  }
}
