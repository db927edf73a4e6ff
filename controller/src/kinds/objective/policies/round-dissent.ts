import {
  DISSENT_LIMITS,
  type Dissent,
  type ObjectionAnswer,
  settleDissent,
  type Turn,
  type Verdict,
} from '@dark-carnival/crds';
import type { JobReport } from '../../../ports/wagon-client.ts';
import type { Claim } from './claim.ts';

/** What the critic thinks of a round, as far as it is believed. */
export interface Criticism {
  verdict: Verdict;
  /** Objections with their answers, the gravest first as the wagon put them. */
  dissent: Dissent[];
}

/**
 * Judges what a wagon says about the critic. Nobody objects where no critic spoke; a critic that could not be heard is a Reject and a Blocker,
 * whatever else is claimed; each objection has an id of its own, and an answer counts only as `settleDissent` counts it.
 */
export function judgeDissent(job: JobReport, turns: readonly Turn[]): Claim<Criticism> {
  const critic = turns.find(({ seat }) => seat === 'critic');
  const claimed = job.debate?.dissent ?? [];
  if (critic?.outcome === 'Failed') return believed({ verdict: 'Reject', dissent: [unheard(critic)] });
  if (!critic)
    return claimed.length > 0
      ? refused('it names objections, but no critic spoke')
      : believed({ verdict: 'Reject', dissent: [] });
  if (new Set(claimed.map(({ id }) => id)).size < claimed.length) return refused('two objections have one id');
  const answers = new Map(
    claimed.flatMap(({ id, response, reason }): [string, ObjectionAnswer][] =>
      response === 'Unanswered' ? [] : [[id, { response, reason }]],
    ),
  );
  return believed({ verdict: job.debate?.verdict ?? 'Reject', dissent: settleDissent(claimed, answers) });
}

/** A critic that could not be heard is an objection, not a silence. */
function unheard(critic: Turn): Dissent {
  const claim = `The critic could not be heard: ${critic.text.slice(0, 2 * DISSENT_LIMITS.text)}`;
  const [objection] = settleDissent([{ id: 'o1', severity: 'Blocker', claim }], new Map());
  return (
    objection ?? { id: 'o1', severity: 'Blocker', claim: 'The critic could not be heard.', response: 'Unanswered' }
  );
}

const believed = (value: Criticism): Claim<Criticism> => ({ outcome: 'believed', value });
const refused = (message: string): Claim<Criticism> => ({ outcome: 'refused', message });
