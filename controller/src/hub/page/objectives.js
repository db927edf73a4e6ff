import { cleanLine } from './clean-text.js';
import { byId, el, fill, setText } from './element.js';
import { store } from './store.js';
import { ageWords, grouped, phaseWords, secondsSince } from './words.js';

/** More rows than anybody reads; the filter finds the others. */
const MAX_ROWS = 200;
const rows = new Map();

/** What needs a person first, then what is new. */
function order(a, b) {
  const waits = Number(b.phase === 'AwaitingHuman') - Number(a.phase === 'AwaitingHuman');
  if (waits !== 0) return waits;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

function matches(objective, filter) {
  if (filter === '') return true;
  const { word } = phaseWords(objective.phase);
  return `${objective.name} ${objective.phase} ${word} ${objective.wagon ?? ''} ${objective.directive}`
    .toLowerCase()
    .includes(filter);
}

/** @param {string | undefined} selected */
export function showObjectives(selected) {
  const list = byId('objectives');
  const filter = byId('filter').value.trim().toLowerCase();
  const all = [...store.objectives.values()];
  const found = all.filter((objective) => matches(objective, filter)).sort(order);
  const shown = found.slice(0, MAX_ROWS);
  const names = new Set(shown.map(({ name }) => name));
  for (const [name, row] of rows) {
    if (names.has(name)) continue;
    row.root.remove();
    rows.delete(name);
  }
  shown.forEach((objective, index) => {
    const row = rows.get(objective.name) ?? newRow(objective.name);
    show(row, objective, selected);
    if (list.children[index] !== row.root) list.insertBefore(row.root, list.children[index] ?? null);
  });
  byId('objectives-empty').hidden = all.length > 0;
  const more = byId('objectives-more');
  more.hidden = all.length === 0 || (found.length === shown.length && found.length > 0);
  setText(
    more,
    found.length === 0
      ? 'Nothing fits the filter.'
      : `${grouped(shown.length)} of ${grouped(found.length)}: narrow the filter to see others.`,
  );
}

export function tickObjectives() {
  for (const [name, row] of rows) {
    const objective = store.objectives.get(name);
    if (objective) setText(row.age, ageWords(secondsSince(objective.createdAt)));
  }
}

function newRow(name) {
  const row = {
    body: el('span', { class: 'row-body' }),
    age: el('span', { class: 'row-age' }),
    link: el('a', { class: 'row', href: `#/objectives/${encodeURIComponent(name)}` }),
    root: el('li'),
  };
  row.link.append(row.body, row.age);
  row.root.append(row.link);
  rows.set(name, row);
  return row;
}

function show(row, objective, selected) {
  if (objective.name === selected) row.link.setAttribute('aria-current', 'true');
  else row.link.removeAttribute('aria-current');
  row.link.dataset.tone = phaseWords(objective.phase).tone;
  fill(row.body, objective, () => contentOf(objective));
  setText(row.age, ageWords(secondsSince(objective.createdAt)));
}

function contentOf(objective) {
  const { glyph, word, tone } = phaseWords(objective.phase);
  const facts = [
    objective.wagon && `on ${objective.wagon}`,
    objective.round && `round ${objective.round}`,
    objective.tasks && `tasks ${objective.tasks}`,
    objective.tokens && `${grouped(objective.tokens)} tokens`,
    objective.costUSD && `$${objective.costUSD}`,
    objective.desiredState === 'Paused' && 'paused',
  ].filter(Boolean);
  return [
    el('span', { class: 'row-name' }, cleanLine(objective.name, 63)),
    el('span', { class: `phase ${tone}` }, el('span', { 'aria-hidden': 'true' }, glyph), ` ${word}`),
    objective.rehearsal && el('span', { class: 'badge' }, 'REHEARSAL'),
    el('span', { class: 'row-directive' }, cleanLine(objective.directive, 140)),
    el('span', { class: 'row-facts' }, facts.join(' · ')),
  ];
}
