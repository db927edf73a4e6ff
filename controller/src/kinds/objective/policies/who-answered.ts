import { OBJECTIVE_LIMITS, type PassedOver, type TaskStatus, type TurnStatus } from '@dark-carnival/crds';
import { answeredFor } from '@dark-carnival/crds/text';
import type { PhaseEvent } from '../decision.ts';
import { asciiOnly } from './plain-text.ts';

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const REASON = /^[A-Z][A-Za-z]{0,23}$/;

interface Said {
  provider?: string | undefined;
  model?: string | undefined;
  passedOver?: PassedOver | undefined;
}

/** Who answered, and who did not before that, as a wagon says it: made fit for a status, since a wagon may say anything. */
export function whoAnswered({ provider, model, passedOver = [] }: Said): Said {
  const others = passedOver
    .filter((other) => OBJECT_NAME.test(other.provider) && REASON.test(other.reason) && other.provider !== provider)
    .slice(0, OBJECTIVE_LIMITS.passedOver)
    .map((other) => ({ provider: other.provider, reason: other.reason }));
  return {
    ...(provider !== undefined && OBJECT_NAME.test(provider) ? { provider } : {}),
    ...(model === undefined ? {} : { model: asciiOnly(model, 128) }),
    ...(others.length === 0 ? {} : { passedOver: others }),
  };
}

/** Reason of the Event that tells of a seat, or of the tasks, for which not the first of the chain answered. */
export const FELL_BACK = 'ProviderFellBack';

type Place = { place: string } & Said;

/**
 * Events about answers that did not come from the first of their chain: one for each seat, or for the tasks, with each reason. What status told already
 * is not told again, so that there are as many as seats times providers times reasons, however long an Objective runs.
 */
export function fallBackEvents(before: readonly Place[], after: readonly Place[]): PhaseEvent[] {
  const known = new Set(before.map(wordsOf));
  const events = new Map<string, PhaseEvent>();
  for (const place of after) {
    const message = wordsOf(place);
    if (message !== undefined && !known.has(message))
      events.set(message, { type: 'Warning', reason: FELL_BACK, message });
  }
  return [...events.values()];
}

/** The places of a status where somebody answered. */
export const placesOf = (turns: readonly TurnStatus[] = [], tasks: readonly TaskStatus[] = []): Place[] => [
  ...turns.map(({ seat, provider, passedOver }) => ({ place: seat, provider, passedOver })),
  ...tasks.map(({ provider, passedOver }) => ({ place: 'execution', provider, passedOver })),
];

function wordsOf(place: Place): string | undefined {
  const words = answeredFor(place);
  return words === undefined ? undefined : `${place.place}: ${words}`;
}
