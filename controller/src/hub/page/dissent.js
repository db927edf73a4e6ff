import { cleanLine } from './clean-text.js';
import { el } from './element.js';

const ANSWERS = {
  Accepted: { glyph: '✓', words: 'Taken up' },
  Rejected: { glyph: '✕', words: 'Rejected' },
  Unanswered: { glyph: '○', words: 'Not answered' },
};

/** Why a debate ended, for whoever decides. Reasons that are not here are those of a failure. */
const STOPS = {
  Consensus: 'the Critic accepts, and holds nothing against it that would block it',
  Repetition: 'the last round brought the same plan again',
  Stall: 'the last round brought nearly the same plan again',
  RoundsDone: 'as many rounds as asked for are done',
  BudgetShort: 'what is left of the budget would not pay for another round',
};

/** What the Critic holds against the plan, and how each objection was answered: of the plan whose hash was checked, else of the request. */
export function dissentContent({ status }, view) {
  const { debate, approvalRequest } = status;
  const stop = debate?.stopReason;
  const plan = view.state === 'verified' && view.hash === approvalRequest.planHash ? view.plan : undefined;
  const typed = plan?.dissent ?? [];
  const lines =
    typed.length > 0
      ? typed.map(objection)
      : (approvalRequest.dissent ?? []).map((line) => el('li', {}, cleanLine(line)));
  return [
    stop &&
      el(
        'p',
        { class: 'facts' },
        `The debate ended after round ${debate.round}: ${STOPS[stop] ?? cleanLine(stop, 64)}.`,
      ),
    lines.length > 0 && el('div', { class: 'dissent' }, el('h4', {}, 'The Critic objects'), el('ul', {}, ...lines)),
    lines.length === 0 && el('p', { class: 'facts' }, 'The Critic recorded no objection.'),
  ];
}

function objection({ severity, claim, evidence, response, reason }) {
  const { glyph, words } = ANSWERS[response] ?? ANSWERS.Unanswered;
  return el(
    'li',
    { class: `objection ${severity.toLowerCase()} ${response.toLowerCase()}` },
    el('span', { class: 'severity' }, severity),
    ` ${cleanLine(claim)}`,
    evidence !== undefined && el('p', { class: 'facts' }, `Seen in: ${cleanLine(evidence)}`),
    el(
      'p',
      { class: 'answer' },
      el('span', { 'aria-hidden': 'true' }, `${glyph} `),
      reason === undefined ? `${words}.` : `${words}: ${cleanLine(reason)}`,
    ),
  );
}
