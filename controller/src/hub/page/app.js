import { cleanLine } from './clean-text.js';
import { freezeDebate } from './debate.js';
import { byId, setText } from './element.js';
import { follow } from './event-stream.js';
import { getSession, HubRefusal, postJson } from './hub-api.js';
import { freezeObjective, reloadObjective, selectObjective } from './objective.js';
import { showObjectives, tickObjectives } from './objectives.js';
import { heard, lost, showSignal } from './signal.js';
import { begin, store, take, takeAges } from './store.js';
import { rehearses, showWagons, tickWagons } from './wagons.js';
import { phaseWords } from './words.js';

let frozen = false;
/** Phases as they were announced. */
const announced = new Map();

const selected = () => {
  const match = /^#\/objectives\/([^/]+)$/.exec(location.hash);
  return match ? decodeURIComponent(match[1]) : undefined;
};

function show() {
  if (frozen) return;
  showWagons();
  showObjectives(selected());
  const wagons = [...store.wagons.values()];
  const objectives = [...store.objectives.values()];
  const awaiting = objectives.filter(({ phase }) => phase === 'AwaitingHuman').length;
  const working = objectives.filter(({ phase }) =>
    ['Scheduled', 'Debating', 'Executing', 'Improving'].includes(phase),
  ).length;
  setText(byId('count-wagons'), `${wagons.filter(({ phase }) => phase === 'Ready').length} of ${wagons.length}`);
  setText(byId('count-working'), String(working));
  setText(byId('count-awaiting'), String(awaiting));
  byId('count-awaiting').parentElement.dataset.some = String(awaiting > 0);
  byId('rehearsal').hidden = wagons.length === 0 || !wagons.every(rehearses);
  document.title = `${awaiting > 0 ? `(${awaiting}) ` : ''}The Dark Carnival Protocol`;
}

/** Nothing is chosen: what needs a person, or the newest, comes into the ring once. */
function chooseFirst() {
  if (selected() !== undefined) return;
  const first = byId('objectives').querySelector('a');
  if (first) location.replace(first.getAttribute('href'));
}

function announce(names, isFirst) {
  const news = [];
  for (const name of names) {
    const phase = store.objectives.get(name)?.phase;
    const before = announced.get(name);
    if (phase === undefined) announced.delete(name);
    else announced.set(name, phase);
    if (isFirst || phase === undefined || phase === before) continue;
    if (phase === 'AwaitingHuman') setText(byId('announce-now'), `${name} waits for a person`);
    else news.push(`${name}: ${phaseWords(phase).word}`);
  }
  if (news.length > 0)
    setText(byId('announce'), news.length > 3 ? `${news.length} Objectives changed` : news.join('; '));
}

function followHub() {
  let isFirst = true;
  follow('/api/stream', {
    onOpen: () => {
      heard();
      showSession().catch(() => {});
    },
    onLost: (error) => {
      lost();
      if (error instanceof HubRefusal && [401, 403].includes(error.status)) close(error);
    },
    onMessage: ({ event, data }) => {
      heard(event === 'pulse' ? data : undefined);
      if (event === 'hello') begin();
      if (event === 'pulse') takeAges(data.heartbeatAges);
      if (event !== 'delta') {
        // An empty namespace sends no delta; of any other, what was shown stays until the first one.
        if (event === 'hello' && data.wagons + data.objectives === 0) show();
        // Who has no goal yet sees at once where to state one.
        if (event === 'hello' && data.objectives === 0) byId('dispatch').open = true;
        return;
      }
      const changed = take(data);
      announce(changed, isFirst);
      isFirst = false;
      show();
      chooseFirst();
      if (changed.includes(selected())) reloadObjective();
    },
  });
}

/** Shows how to get in, and nothing else. */
function close(error) {
  for (const id of ['wagons-section', 'objectives-section', 'objective']) byId(id).hidden = true;
  byId('closed').hidden = false;
  const expired = new URLSearchParams(location.search).get('login') === 'expired';
  const why = expired ? 'That login link was used before, or is older than five minutes.' : cleanLine(error.message);
  setText(byId('closed-why'), why);
  setText(byId('signal-word'), 'Logged out');
}

async function dispatch(event) {
  event.preventDefault();
  const form = event.target;
  const message = byId('dispatch-message');
  const button = form.querySelector('button');
  button.disabled = true;
  setText(message, 'Sending …');
  try {
    const wagon = form.elements.wagon.value;
    const created = await postJson('/api/swarm/dispatch', {
      objective: form.elements.goal.value,
      ...(wagon === '' ? {} : { node_id: wagon }),
    });
    form.reset();
    setText(message, `${created.metadata.name} is on its way.`);
    location.hash = `#/objectives/${encodeURIComponent(created.metadata.name)}`;
  } catch (error) {
    // The words stay in the form.
    setText(message, error instanceof Error ? cleanLine(error.message) : 'It could not be sent.');
  } finally {
    button.disabled = false;
  }
}

function freeze() {
  frozen = !frozen;
  byId('freeze').setAttribute('aria-pressed', String(frozen));
  document.body.dataset.frozen = String(frozen);
  freezeDebate(frozen);
  freezeObjective(frozen);
  show();
}

async function logOut() {
  await postJson('/api/logout').catch(() => {});
  location.replace('/');
}

async function showSession() {
  const session = await getSession();
  setText(byId('who'), `Logged in as ${cleanLine(session.user, 253)}, namespace ${session.namespace}`);
  byId('logout').hidden = !session.isSession;
  if (location.search === '?login=expired') history.replaceState(null, '', `/${location.hash}`);
}

async function start() {
  byId('freeze').addEventListener('click', freeze);
  byId('logout').addEventListener('click', logOut);
  byId('filter').addEventListener('input', show);
  byId('dispatch-form').addEventListener('submit', dispatch);
  addEventListener('hashchange', () => {
    show();
    selectObjective(selected());
    // On a narrow page the ring lies below the list.
    if (matchMedia('(max-width: 64rem)').matches) byId('objective').scrollIntoView();
  });
  setInterval(() => {
    showSignal();
    if (frozen) return;
    tickWagons();
    tickObjectives();
  }, 1_000);
  try {
    await showSession();
  } catch (error) {
    if (error instanceof HubRefusal) return close(error);
    // The hub may be starting: the stream below tries on.
  }
  followHub();
  selectObjective(selected());
}

start();
