import { cleanLine } from './clean-text.js';
import { byId, el, fill, setText } from './element.js';
import { heartbeatAge, store } from './store.js';
import { ageWords, phaseWords, REHEARSAL } from './words.js';

const cards = new Map();

/** Whether nothing but the scripted provider answers on a wagon. */
export const rehearses = (wagon) => wagon.providers.every(({ name }) => name === REHEARSAL);

/** The wall of wagons, by name. */
export function showWagons() {
  const wall = byId('wagons');
  const wagons = [...store.wagons.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [name, card] of cards) {
    if (store.wagons.has(name)) continue;
    card.root.remove();
    cards.delete(name);
  }
  wagons.forEach((wagon, index) => {
    const card = cards.get(wagon.name) ?? newCard(wagon.name);
    show(card, wagon);
    if (wall.children[index] !== card.root) wall.insertBefore(card.root, wall.children[index] ?? null);
  });
  byId('wagons-empty').hidden = wagons.length > 0;
  showPlaces(wagons);
}

/** Ages grow without anybody telling. */
export function tickWagons() {
  for (const [name, card] of cards) {
    const wagon = store.wagons.get(name);
    if (wagon) showAge(card, wagon);
  }
}

function newCard(name) {
  const card = {
    body: el('div', { class: 'wagon-body' }),
    age: el('span', { class: 'wagon-age' }),
    root: el('li', { class: 'wagon' }),
  };
  card.root.append(card.body, card.age);
  cards.set(name, card);
  return card;
}

function show(card, wagon) {
  const { tone } = phaseWords(wagon.phase);
  card.root.dataset.tone = tone;
  fill(card.body, { ...wagon, toldAt: 0, heartbeatAgeSeconds: 0 }, () => contentOf(wagon));
  showAge(card, wagon);
}

function showAge(card, wagon) {
  const age = heartbeatAge(wagon);
  setText(card.age, age === undefined ? 'not heard yet' : `heard ${ageWords(age)} ago`);
}

function contentOf(wagon) {
  const { glyph, word, tone } = phaseWords(wagon.phase);
  const { running = 0, capacity = 0 } = wagon.jobs ?? {};
  const jobs = el('p', { class: 'wagon-jobs' }, el('span', { class: 'label' }, 'Jobs'), ` ${running} of ${capacity}`);
  jobs.append(
    el(
      'span',
      { class: 'slots', 'aria-hidden': 'true' },
      '▮'.repeat(Math.min(8, running)),
      '▯'.repeat(Math.max(0, Math.min(8, capacity) - running)),
    ),
  );
  return [
    el(
      'div',
      { class: 'wagon-head' },
      el('h3', {}, cleanLine(wagon.nodeID, 64)),
      el('span', { class: 'role' }, cleanLine(wagon.role, 63)),
    ),
    el('p', { class: `phase ${tone}` }, el('span', { 'aria-hidden': 'true' }, glyph), ` ${word}`),
    jobs,
    providersOf(wagon),
    wagon.phase !== 'Ready' && wagon.message
      ? el('p', { class: 'wagon-message' }, cleanLine(wagon.message, 160))
      : undefined,
  ].filter(Boolean);
}

const HEALTH = {
  True: ['●', 'answers', 'good'],
  False: ['✕', 'does not answer', 'bad'],
  Unknown: ['○', 'not asked yet', 'quiet'],
};

function providersOf(wagon) {
  if (rehearses(wagon))
    return el('p', { class: 'wagon-providers' }, el('span', { class: 'badge' }, 'REHEARSAL'), ' no model configured');
  const list = el('ul', { class: 'wagon-providers', 'aria-label': 'Providers' });
  for (const { name, healthy, reason } of wagon.providers) {
    if (name === REHEARSAL) continue;
    const [glyph, says, tone] = HEALTH[healthy] ?? HEALTH.Unknown;
    const why = healthy === 'False' && reason ? `${says}: ${reason}` : says;
    list.append(
      el(
        'li',
        { class: tone },
        el('span', { 'aria-hidden': 'true' }, glyph),
        ` ${cleanLine(name, 63)}`,
        el('span', { class: 'visually-hidden' }, ` ${why}`),
      ),
    );
  }
  return list;
}

/** The wagons that a goal can be sent to. */
function showPlaces(wagons) {
  const select = byId('goal-wagon');
  const chosen = select.value;
  fill(
    select,
    wagons.map(({ name, nodeID, role }) => [name, nodeID, role]),
    () => [
      el('option', { value: '' }, 'any wagon'),
      ...wagons.map(({ name, nodeID, role }) =>
        el('option', { value: name }, `${cleanLine(nodeID, 64)} (${cleanLine(role, 63)})`),
      ),
    ],
  );
  if (store.wagons.has(chosen)) select.value = chosen;
}
