import {
  type EndedSpan,
  jobSpanId,
  type SpanAttributes,
  spanIdOf,
  type Tracing,
  traceIdOf,
} from '@dark-carnival/telemetry';
import type { Try } from '../providers/call-observer.ts';
import type { Completion, Spend } from '../providers/provider.ts';
import { answerAttributes, type GenAiServer, promptAttributes, replyAttributes, requestAttributes } from './gen-ai.ts';
import { turnSpanId } from './job-spans.ts';

/** The span of one try while it is under way. */
export interface OpenCallSpan {
  startMs: number;
  sends: number;
}

/** Makes spans of kind CLIENT out of tries, named `chat {model}`. */
export class CallSpans {
  readonly #tracing: () => Tracing;
  /** Tells spans of the same job apart; over restarts by the time at which they began. */
  #count = 0;

  constructor(tracing: () => Tracing) {
    this.#tracing = tracing;
  }

  get isOn(): boolean {
    return this.#tracing().isOn;
  }

  answered(
    tried: Try,
    server: GenAiServer,
    open: OpenCallSpan,
    endMs: number,
    completion: Completion,
    spent: Spend,
  ): void {
    const content = this.#tracing().capturesContent
      ? { ...promptAttributes(tried.request), ...replyAttributes(completion) }
      : {};
    this.#record(tried, server, open, endMs, { ...answerAttributes(completion), ...costOf(spent), ...content });
  }

  failed(
    tried: Try,
    server: GenAiServer,
    open: OpenCallSpan,
    endMs: number,
    failure: { type: string; message: string },
  ): void {
    const content = this.#tracing().capturesContent ? promptAttributes(tried.request) : {};
    this.#record(tried, server, open, endMs, { 'error.type': failure.type, ...content }, failure.message);
  }

  #record(
    tried: Try,
    server: GenAiServer,
    { startMs }: OpenCallSpan,
    endMs: number,
    more: SpanAttributes,
    error?: string,
  ): void {
    const { grant, model, request, origin } = tried;
    if (origin === undefined) return;
    const { objectiveUID, jobID } = origin;
    const { purpose } = request;
    this.#count += 1;
    const span: EndedSpan = {
      traceId: traceIdOf(objectiveUID),
      spanId: spanIdOf(jobID, 'call', String(startMs), String(this.#count)),
      parentSpanId: purpose.kind === 'turn' ? turnSpanId(jobID, purpose.seat) : jobSpanId(jobID),
      name: `chat ${model}`,
      kind: 'client',
      startMs,
      endMs,
      attributes: {
        ...requestAttributes(model, request),
        'gen_ai.provider.name': server.provider,
        'gen_ai.conversation.id': objectiveUID,
        'server.address': server.address,
        'server.port': server.port,
        'darkcarnival.provider': grant.name,
        ...more,
      },
      error,
    };
    this.#tracing().record(span);
  }
}

function costOf({ costUSD, estimatedTokens }: Spend): SpanAttributes {
  return {
    'darkcarnival.cost_usd': costUSD === undefined ? undefined : Number(costUSD),
    'darkcarnival.estimated_tokens': estimatedTokens,
  };
}
