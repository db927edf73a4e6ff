import { cleanLine, cleanText } from './clean-text.js';
import { dissentContent } from './dissent.js';
import { el } from './element.js';
import { fileRoute } from './hub-api.js';
import { ageWords, answeredFor, grouped, REHEARSAL, secondsSince, sizeWords, usedWords } from './words.js';

/** The plan, whole: what is approved is what stands here. */
export function planContent(view, objective) {
  const title = el('h3', { id: 'o-plan-title' }, 'The plan');
  if (view.state === 'unreadable') {
    return [title, el('p', { class: 'alarm' }, cleanLine(view.message)), hashLine(view.hash)];
  }
  const { plan, hash } = view;
  const waits = objective.status?.phase === 'AwaitingHuman';
  return [
    title,
    el('p', { class: 'plan-summary' }, cleanText(plan.summary)),
    hashLine(hash),
    el('ol', { class: 'plan-tasks' }, ...plan.tasks.map((task) => el('li', {}, planTask(task, waits)))),
    el(
      'p',
      { class: 'facts' },
      `Executed by ${plan.execution.providers.map((name) => cleanLine(name, 63)).join(', then ')}; ${plan.execution.parallelism} at once; ${plan.execution.retries === 1 ? '1 retry' : `${plan.execution.retries} retries`}; at most ${grouped(plan.forecast.tokens)} tokens${priceWords(plan.forecast)}.`,
    ),
  ];
}

function priceWords({ costUSD, unpriced = [] }) {
  if (costUSD !== undefined) return `, $${costUSD}`;
  return unpriced.length === 0 ? '' : `; price unknown for ${unpriced.map((name) => cleanLine(name, 63)).join(', ')}`;
}

const hashLine = (hash) =>
  el('p', { class: 'hash' }, el('span', { class: 'label' }, 'Plan hash'), ' ', el('code', {}, cleanLine(hash, 80)));

function planTask(task, open) {
  const facts = [
    task.kind,
    task.path && `→ ${task.path}`,
    task.role && `role ${task.role}`,
    task.dependsOn.length > 0 && `after ${task.dependsOn.join(', ')}`,
    acceptance(task.acceptance),
  ].filter(Boolean);
  return el(
    'details',
    { class: 'plan-task', open },
    el(
      'summary',
      {},
      el('code', {}, task.id),
      ` ${cleanLine(task.title, 120)} `,
      el('span', { class: `risk ${task.risk.toLowerCase()}` }, `${task.risk} risk`),
    ),
    el('p', { class: 'facts' }, cleanLine(facts.join(' · '), 600)),
    el('p', { class: 'instruction' }, cleanText(task.instruction)),
  );
}

function acceptance({ type, value }) {
  if (type === 'Contains') return `done when it contains “${value}”`;
  return type === 'ValidJSON' ? 'done when it is valid JSON' : 'done when it is not empty';
}

/** The open question, and what speaks against the plan. */
export function gateContent(objective, view, words) {
  const request = objective.status.approvalRequest;
  const { conditions = [], debate } = objective.status;
  const isRehearsal = debate?.turns?.some(({ provider }) => provider === REHEARSAL);
  const modelHint =
    !isRehearsal && conditions.find(({ type, status }) => type === 'DistinctModels' && status === 'False')?.message;
  return [
    el('h3', { id: 'o-gate-title' }, el('span', { 'aria-hidden': 'true' }, '◆ '), 'Awaiting human'),
    el('p', {}, 'The plan below waits for a person. Nothing runs until somebody approves exactly this plan.'),
    el(
      'dl',
      { class: 'gate-facts' },
      fact('Forecast', cleanLine(words.forecast, 1200)),
      words.left && fact('Left', cleanLine(words.left)),
      fact('Asked', `${ageWords(secondsSince(request.requestedAt))} ago`),
      fact('Expires', request.expiresAt === undefined ? 'never' : `in ${ageWords(-secondsSince(request.expiresAt))}`),
      fact('Feedback left', `${request.feedbackLeft} of 5`),
      fact('Request', el('code', {}, request.id)),
    ),
    modelHint && el('p', { class: 'facts' }, cleanLine(modelHint, 400)),
    words.warning && el('p', { class: 'alarm' }, cleanLine(words.warning, 1200)),
    ...dissentContent(objective, view),
  ];
}

const fact = (name, value) => el('div', {}, el('dt', {}, name), el('dd', {}, value));

const STATES = {
  Pending: ['○', 'quiet'],
  Running: ['▶', 'executing'],
  Succeeded: ['●', 'good'],
  Failed: ['✕', 'bad'],
  Skipped: ['◇', 'quiet'],
  Cancelled: ['■', 'bad'],
};

/** Tasks and the files that they left. */
export function tasksContent(tasks, summary) {
  return [
    el('h3', { id: 'o-tasks-title' }, 'Tasks and files', summary && el('span', { class: 'does' }, ` ${summary}`)),
    el('ul', { class: 'tasks' }, ...tasks.map(taskItem)),
  ];
}

function taskItem(task) {
  const { id, title, state, wagonName, attempt, artifact, message } = task;
  const instead = answeredFor(task);
  const [glyph, tone] = STATES[state] ?? STATES.Pending;
  const used = task.tokens > 0 && usedWords(task);
  const facts = [wagonName && `on ${wagonName}`, attempt > 1 && `attempt ${attempt}`, used].filter(Boolean).join(' · ');
  return el(
    'li',
    { class: 'task' },
    el('span', { class: `phase ${tone}` }, el('span', { 'aria-hidden': 'true' }, glyph), ` ${state}`),
    el('span', { class: 'task-title' }, el('code', {}, id), ` ${cleanLine(title, 120)}`),
    facts !== '' && el('span', { class: 'facts' }, facts),
    artifact && fileLinks(artifact),
    instead && el('span', { class: 'task-message fell-back' }, cleanLine(instead, 200)),
    message && el('span', { class: 'task-message' }, cleanLine(message, 160)),
  );
}

function fileLinks({ wagonName, file, bytes, state }) {
  const href = fileRoute(wagonName, file);
  const name = cleanLine(file, 255);
  return el(
    'span',
    { class: 'file' },
    el('a', { href, target: '_blank', rel: 'noopener' }, name),
    ` ${sizeWords(bytes)} `,
    el(
      'a',
      { href: `${href}${href.includes('?') ? '&' : '?'}download=1`, download: '', 'aria-label': `Save ${name}` },
      'save',
    ),
    state !== 'Available' && el('span', { class: 'bad' }, ` ${state.toLowerCase()}`),
  );
}

/** Decisions, each bound to the one before. */
export function decisionsContent(decisions) {
  return [
    el('h3', { id: 'o-decisions-title' }, 'Decisions'),
    el(
      'ol',
      { class: 'decisions' },
      ...decisions.map(({ decision, decidedBy, at, planHash }) =>
        el(
          'li',
          {},
          el('strong', {}, decision),
          ` by ${cleanLine(decidedBy, 253)} at `,
          el('time', { datetime: at }, at),
          ' on ',
          el('code', {}, `${planHash.slice(0, 19)}…`),
        ),
      ),
    ),
  ];
}
