import type { Transcript } from '@dark-carnival/crds';
import { answeredFor, consumedWords, safeLine, safeText } from '@dark-carnival/crds/text';
import type { Paint } from '../terminal/terminal.ts';

/** A whole debate to read: turns in order, and what people said between the rounds. */
export function transcriptText({ objective, directive, turns, feedback }: Transcript, paint: Paint): string {
  const parts = [`${paint.bold(objective)}\n${safeText(directive).trim()}`];
  for (const [index, turn] of turns.entries()) {
    const { round, seat, provider = '', model = '', text, outcome } = turn;
    const failed = outcome === 'Failed' ? paint.red(' failed') : '';
    const who = paint.dim(`(${safeLine(`${provider} ${model}`, 120)})`);
    const words = answeredFor(turn);
    const instead = words === undefined ? '' : `\n${paint.yellow(safeLine(words, 200))}`;
    const used = consumedWords({ ...turn, tokens: turn.inputTokens + turn.outputTokens });
    const heading = `${paint.bold(paint.magenta(`## ${seat}, round ${round}`))} ${who} ${paint.dim(used)}${failed}${instead}`;
    parts.push(`${heading}\n\n${safeText(text).trim()}`);
    if (turns[index + 1]?.round === round) continue;
    for (const { by, text: words } of feedback.filter(({ afterRound }) => afterRound === round)) {
      parts.push(`${paint.bold(paint.yellow(`## feedback by ${safeLine(by, 80)}`))}\n\n${safeText(words).trim()}`);
    }
  }
  return parts.join('\n\n');
}
