import { type FoundProvider, findModel, hasEnded } from '@dark-carnival/crds';

const DAY_MS = 86_400_000;
/** How long before a model's end people are told. */
const NOTICE_DAYS = 90;

/** What is to be said about the models that were found: which are gone, and which soon will be. One line each. @param now milliseconds since the epoch. */
export function modelNotes(found: readonly FoundProvider[], now: number): string[] {
  return found.flatMap(({ name, type, endpoint, model }) => {
    const known = model === undefined ? undefined : findModel({ type, endpoint }, model);
    if (known?.ends === undefined || !hasEnded(known, now + NOTICE_DAYS * DAY_MS)) return [];
    const verb = hasEnded(known, now) ? 'ended' : 'ends';
    return [`provider ${name}: ${known.id} ${verb} on ${known.ends}; use ${known.replacedBy} instead`];
  });
}
