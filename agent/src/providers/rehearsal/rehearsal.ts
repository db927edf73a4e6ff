import { type ProviderHealth, REHEARSAL_NAME } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import type { CallOptions, Completion, CompletionRequest, Provider, Purpose } from '../provider.ts';
import { estimateTokens, promptText } from '../token-estimate.ts';
import { planAnswer } from './plan-answer.ts';
import { taskFile } from './task-file.ts';
import { criticAnswer, visionaryText } from './turn-text.ts';

export interface RehearsalOptions {
  name?: string;
  /** Waits so long between two pieces of an answer, so that people can watch; absent: no waiting. */
  pace?: { clock: Clock; pieceMs: number };
}

/** About how many UTF-16 units come at once: a few words. */
const PIECE = 48;

/**
 * The provider that stands in where no model is configured. It is a script: the same purpose gives the same text, it costs nothing, and
 * every text and file says REHEARSAL. It answers whole whatever `maxTokens` says, since half a file is of no use and nothing is bought;
 * the tokens it reports are an estimate that keeps to the limit, so that reservations hold.
 */
export function createRehearsalProvider({ name = REHEARSAL_NAME, pace }: RehearsalOptions = {}): Provider {
  return {
    name,
    type: 'Rehearsal',
    model: REHEARSAL_NAME,
    capabilities: [],
    async complete(request, options) {
      options.signal.throwIfAborted();
      const answer = answerTo(request.purpose);
      for (const piece of pieces(answer.text)) {
        options.onActivity?.();
        options.onDelta?.(piece);
        if (pace) await sleep(pace.clock, pace.pieceMs, options.signal);
        options.signal.throwIfAborted();
      }
      return completionOf(name, request, options, answer);
    },
    probe: (): Promise<ProviderHealth> =>
      Promise.resolve({ name, healthy: 'True', model: REHEARSAL_NAME, reason: 'Rehearsal' }),
  };
}

interface Answer {
  text: string;
  json?: object;
}

function answerTo(purpose: Purpose): Answer {
  if (purpose.kind === 'task') return { text: taskFile(purpose) };
  switch (purpose.seat) {
    case 'visionary':
      return { text: visionaryText(purpose) };
    case 'critic':
      return criticAnswer(purpose);
    case 'tactician': {
      const json = planAnswer(purpose);
      return { text: JSON.stringify(json, null, 2), json };
    }
  }
}

/** The text in pieces that end between words where they can. */
function pieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${PIECE}}(?:\\s|$)|[\\s\\S]{1,${PIECE}}`, 'g')) ?? [];
}

function completionOf(name: string, request: CompletionRequest, { model }: CallOptions, answer: Answer): Completion {
  const inputTokens = estimateTokens(promptText(request));
  const outputTokens = Math.min(request.maxTokens, estimateTokens(answer.text));
  return {
    text: answer.text,
    ...(answer.json && request.schema ? { json: answer.json } : {}),
    provider: name,
    model: model ?? REHEARSAL_NAME,
    inputTokens,
    outputTokens,
    finishReason: 'stop',
    usageEstimated: true,
    rehearsal: true,
    spent: { inputTokens, outputTokens, calls: 1 },
  };
}
