import { resetActivity, takeActivity, takeSource } from './activity.js';
import { cleanLine, cleanText } from './clean-text.js';
import { commandsContent } from './commands.js';
import { hasTurns, resetDebate, takeCosts, takeDebateEvent, takeExcerpts, takeTranscript } from './debate.js';
import { byId, el, fill, setText } from './element.js';
import { follow } from './event-stream.js';
import { getJson, objectivePath } from './hub-api.js';
import { decisionsContent, gateContent, planContent, tasksContent } from './plan.js';
import { grouped, JOURNEY, phaseWords, usedWords } from './words.js';

/** Several changes of one moment are read once. */
const RELOAD_MS = 150;

let name;
let stopEvents = () => {};
let reloading;
let loading;
let detail;
let frozen = false;

/** Looks at another Objective, or at none. */
export function selectObjective(next) {
  if (next === name) return;
  stopEvents();
  loading?.abort();
  clearTimeout(reloading);
  name = next;
  detail = undefined;
  resetDebate();
  resetActivity();
  byId('objective-content').hidden = true;
  byId('welcome').hidden = false;
  setText(byId('objective-title'), next === undefined ? 'Nobody is in the ring' : next);
  setText(
    byId('welcome'),
    next === undefined ? 'Choose an Objective to watch its debate, read its plan and find its files.' : 'Looking …',
  );
  if (next === undefined) return;
  load();
  stopEvents = follow(objectivePath(next, '/events'), { resume: true, onMessage: (message) => takeMessage(message) });
}

/** The Objective has changed. */
export function reloadObjective() {
  if (name === undefined) return;
  clearTimeout(reloading);
  reloading = setTimeout(load, RELOAD_MS);
}

export function freezeObjective(freeze) {
  frozen = freeze;
  if (!frozen && detail) show();
}

function takeMessage({ event, data }) {
  if (data === undefined) return;
  if (event === 'source') takeSource(data);
  else if (event === '' && data.type.startsWith('turn-')) takeDebateEvent(data);
  else if (event === '') takeActivity(data);
}

async function load() {
  loading?.abort();
  const abort = new AbortController();
  loading = abort;
  try {
    detail = await getJson(objectivePath(name), abort.signal);
    if (abort.signal.aborted) return;
    if (!frozen) show();
    await loadTranscript(abort.signal);
  } catch (error) {
    if (abort.signal.aborted || detail) return;
    byId('welcome').hidden = false;
    setText(byId('welcome'), error instanceof Error ? cleanLine(error.message) : 'It cannot be read.');
  }
}

/** Whole turns are asked for only where the live stream did not bring them. */
async function loadTranscript(signal) {
  const known = detail.objective.status?.debate?.turns ?? [];
  if (known.length === 0 || hasTurns(known)) return;
  try {
    takeTranscript(await getJson(objectivePath(name, '/transcript'), signal));
  } finally {
    if (!signal.aborted) takeExcerpts(known);
  }
}

function show() {
  const { objective, plan, gate, commands } = detail;
  const status = objective.status ?? {};
  byId('welcome').hidden = true;
  byId('objective-content').hidden = false;
  fill(
    byId('o-head'),
    [objective.spec, status.phase, status.wagonName, status.usage, status.conditions, status.queue, rehearsed(status)],
    () => headContent(objective),
  );
  takeCosts(status.debate?.turns ?? []);
  const asks = status.phase === 'AwaitingHuman' ? status.approvalRequest : undefined;
  section('o-gate', asks && gate && [asks, gate, plan.state, plan.hash, status.debate?.stopReason], () =>
    gateContent(objective, plan, gate),
  );
  section('o-commands', commands, () => commandsContent(commands));
  section('o-tasks', status.tasks, () => tasksContent(status.tasks, status.taskSummary));
  section('o-plan', plan.state === 'none' ? undefined : [plan.hash, plan.state, status.phase === 'AwaitingHuman'], () =>
    planContent(plan, objective),
  );
  section('o-decisions', status.decisions, () => decisionsContent(status.decisions));
}

/** A section that has nothing to show is not there. */
function section(id, key, make) {
  const element = byId(id);
  element.hidden = key === undefined || key.length === 0;
  if (!element.hidden) fill(element, key, make);
}

const rehearsed = (status) => (status.debate?.turns ?? []).some(({ provider }) => provider === 'rehearsal');

function headContent({ spec, status = {} }) {
  const { glyph, word, tone } = phaseWords(status.phase ?? 'Pending');
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  const usage = status.usage;
  const facts = [
    status.wagonName && `on ${status.wagonName}`,
    usage && `${usedWords({ ...usage, tokens: usage.totalTokens })} in ${grouped(usage.calls)} calls`,
    spec.requestedBy && `asked by ${spec.requestedBy}`,
    spec.desiredState !== 'Running' && `desired: ${spec.desiredState}`,
  ].filter(Boolean);
  return [
    // It scrolls where it is long, so the keyboard must reach it.
    el('p', { class: 'directive', tabindex: spec.directive.length > 400 ? '0' : undefined }, cleanText(spec.directive)),
    el(
      'p',
      { class: 'head-line' },
      el('span', { class: `phase ${tone}` }, el('span', { 'aria-hidden': 'true' }, glyph), ` ${word}`),
      ' ',
      rehearsed(status) && el('span', { class: 'badge' }, 'REHEARSAL'),
      ' ',
      el('span', { class: 'facts' }, cleanLine(facts.join(' · '))),
    ),
    journey(status.phase ?? 'Pending'),
    ready?.message && el('p', { class: 'message' }, cleanLine(ready.message, 1024)),
  ];
}

function journey(phase) {
  const at = JOURNEY.indexOf(phase);
  if (at === -1) return undefined;
  return el(
    'ol',
    { class: 'journey', 'aria-label': 'Phases' },
    ...JOURNEY.map((step, index) =>
      el(
        'li',
        {
          class: stepClass(index, at),
          'aria-current': index === at ? 'step' : undefined,
        },
        phaseWords(step).word,
      ),
    ),
  );
}

function stepClass(index, at) {
  if (index !== at) return index < at ? 'past' : undefined;
  return at === JOURNEY.length - 1 ? 'now end' : 'now';
}
