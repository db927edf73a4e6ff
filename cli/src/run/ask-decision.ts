import type { ApprovalRequest } from '@dark-carnival/crds';
import type { Verdict } from '../objective/gate.ts';
import type { Ask, Terminal } from '../terminal/terminal.ts';

/**
 * Asks a person what to do with the plan that was just shown, until the answer is one.
 * @returns nothing where the person went away, or the question was withdrawn.
 */
export async function askDecision(
  ask: Ask,
  request: ApprovalRequest,
  { out, paint }: Terminal,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  out('');
  const feedback = request.feedbackLeft > 0 ? 'f = feedback, ' : '';
  for (;;) {
    const answer = await ask(paint.bold(`Approve this plan? y = approve, ${feedback}n = abort for ever: `), signal);
    if (answer === undefined) return undefined;
    const word = answer.trim().toLowerCase();
    if (word === 'y' || word === 'yes' || word === 'approve') return { decision: 'Approve' };
    if (word === 'n' || word === 'no' || word === 'abort') return { decision: 'Abort' };
    if (word !== 'f' && word !== 'feedback') continue;
    if (request.feedbackLeft === 0) {
      out('no feedback round is left: y or n');
      continue;
    }
    const words = await ask('What shall the next round do better? ', signal);
    if (words === undefined) return undefined;
    if (words.trim() !== '') return { decision: 'Feedback', feedback: words.trim() };
  }
}
