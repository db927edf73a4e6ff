import { cleanLine } from './clean-text.js';
import { byId, el } from './element.js';

const MAX_LINES = 200;

export function resetActivity() {
  const list = byId('o-activity-list');
  list.replaceChildren();
  // It scrolls, so the keyboard must reach it.
  list.tabIndex = 0;
  byId('o-activity').hidden = true;
}

/** One line per event that is not part of the debate. */
export function takeActivity(event) {
  const line = lineOf(event);
  if (line === undefined) return;
  const list = byId('o-activity-list');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  const time = typeof event.at === 'string' ? event.at.slice(11, 19) : '';
  list.append(
    el('li', { class: event.type === 'gap' ? 'gap' : undefined }, el('time', {}, time), ` ${cleanLine(line, 500)}`),
  );
  while (list.children.length > MAX_LINES) list.firstElementChild?.remove();
  byId('o-activity').hidden = false;
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function lineOf(event) {
  switch (event.type) {
    case 'gap':
      return `… ${event.dropped} events are missing here …`;
    case 'task-start':
      return `${event.taskID} began: ${event.title}`;
    case 'task-end':
      return `${event.taskID} ${event.outcome.toLowerCase()}${event.file ? ` → ${event.file}` : ''}${event.message ? `: ${event.message}` : ''}`;
    case 'job-state':
      return `${event.jobID.split('.').slice(1).join('.')} is ${event.state.toLowerCase()}${event.reason ? `: ${event.reason}` : ''}`;
    case 'log':
      return `${event.level}: ${event.message}`;
    default:
      return undefined;
  }
}

/** How it stands with the stream of a wagon. */
export function takeSource({ wagon, state, message }) {
  if (state === 'lost')
    takeActivity({ type: 'log', level: 'warn', message: `wagon ${wagon}: ${message}`, at: new Date().toISOString() });
}
