import { atMost, type Counter, type Histogram, type Meter, oneOf } from '@dark-carnival/telemetry';
import type { Try, TryFailure } from '../providers/call-observer.ts';
import type { Completion, Spend } from '../providers/provider.ts';
import { PROVIDER_ERROR_KINDS } from '../providers/provider-error.ts';
import { AGENTS, agentOf, GEN_AI_PROVIDERS, type GenAiServer } from './gen-ai.ts';

/** Distinct names of providers and of models that are told apart. A wagon is granted 32 providers at most. */
const MAX_NAMES = 48;

/** As the conventions ask for. */
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_CHUNK_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Counts tries: in the words of the conventions, and in our own for what money is made of. */
export class CallMetrics {
  readonly #tokens: Histogram;
  readonly #duration: Histogram;
  readonly #firstChunk: Histogram;
  readonly #calls: Counter;
  readonly #consumed: Counter;
  readonly #estimated: Counter;
  readonly #cost: Counter;

  constructor(meter: Meter) {
    const genAi = {
      gen_ai_operation_name: oneOf(['chat']),
      gen_ai_provider_name: oneOf(GEN_AI_PROVIDERS),
      gen_ai_request_model: atMost(MAX_NAMES),
    };
    const provider = atMost(MAX_NAMES);
    const seat = oneOf(AGENTS);
    const failures = oneOf(['', 'cancelled', ...PROVIDER_ERROR_KINDS]);
    this.#tokens = meter.histogram(
      {
        name: 'gen_ai_client_token_usage',
        help: 'Tokens of an answered call, as the provider counted them; input includes cached ones.',
        labels: { ...genAi, gen_ai_token_type: oneOf(['input', 'output']) },
      },
      TOKEN_BUCKETS,
    );
    this.#duration = meter.histogram(
      {
        name: 'gen_ai_client_operation_duration_seconds',
        help: 'Time of one try at one provider, from the request to the end of the answer or the failure.',
        labels: { ...genAi, error_type: failures },
      },
      DURATION_BUCKETS,
    );
    this.#firstChunk = meter.histogram(
      {
        name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
        help: 'Time from the request to the first sign of life of the model.',
        labels: genAi,
      },
      FIRST_CHUNK_BUCKETS,
    );
    const help = 'Tries at providers: retries and fallbacks count, answers from the journal do not.';
    this.#calls = meter.counter({
      name: 'carnival_wagon_llm_calls_total',
      help,
      labels: { provider, seat, error_type: failures },
    });
    this.#consumed = meter.counter({
      name: 'carnival_wagon_llm_tokens_total',
      help: 'Tokens that tries consumed, failed ones and estimates included.',
      labels: { provider, seat, type: oneOf(['input', 'output']) },
    });
    this.#estimated = meter.counter({
      name: 'carnival_wagon_llm_estimated_tokens_total',
      help: 'Of these, tokens that no provider counted.',
      labels: { provider },
    });
    this.#cost = meter.counter({
      name: 'carnival_wagon_llm_cost_usd_total',
      help: 'US dollars that tries cost, where the provider has prices.',
      labels: { provider, seat },
    });
  }

  firstChunk({ model }: Try, server: GenAiServer, seconds: number): void {
    this.#firstChunk.observe(seconds, 'chat', server.provider, model);
  }

  answered(tried: Try, server: GenAiServer, seconds: number, completion: Completion, spent: Spend): void {
    const labels = ['chat', server.provider, tried.model];
    if (!completion.usageEstimated) {
      this.#tokens.observe(completion.inputTokens, ...labels, 'input');
      this.#tokens.observe(completion.outputTokens, ...labels, 'output');
    }
    this.#ended(tried, server, seconds, '', spent);
  }

  failed(tried: Try, server: GenAiServer, seconds: number, failure: TryFailure, spent: Spend): void {
    this.#ended(tried, server, seconds, failure, spent);
  }

  #ended(
    { grant, model, request }: Try,
    server: GenAiServer,
    seconds: number,
    failure: TryFailure | '',
    spent: Spend,
  ): void {
    const seat = agentOf(request.purpose);
    this.#duration.observe(seconds, 'chat', server.provider, model, failure);
    this.#calls.add(1, grant.name, seat, failure);
    this.#consumed.add(spent.inputTokens, grant.name, seat, 'input');
    this.#consumed.add(spent.outputTokens, grant.name, seat, 'output');
    if (spent.estimatedTokens !== undefined) this.#estimated.add(spent.estimatedTokens, grant.name);
    if (spent.costUSD !== undefined) this.#cost.add(Number(spent.costUSD), grant.name, seat);
  }
}
