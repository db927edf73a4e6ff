/**
 * What an accessibility checker would hold against the page as it is now, as lines. Run inside the page; the value of the script is the list. Not a whole
 * axe: landmarks, names, headings, lists, ids, keyboard reach, sizes and the contrast of every visible text.
 */

/** The body has a gradient: its lightest colour is the hardest ground. */
var GROUND = [42, 17, 70];
var CONTROLS = 'a[href], button, summary, input, select, textarea';

function line(what, element) {
  const id = element.id ? ` id=${element.id}` : '';
  return `${what}: <${element.tagName.toLowerCase()}${id}> ${element.textContent.trim().slice(0, 40)}`;
}

function visible(element) {
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
}

function every(selector) {
  return [...document.querySelectorAll(selector)].filter(visible);
}

function auditDocument() {
  const problems = [];
  if (!document.documentElement.lang) problems.push('html has no lang');
  if (document.title === '') problems.push('there is no title');
  for (const landmark of ['body > header', 'main', 'body > footer', 'h1']) {
    if (every(landmark).length !== 1) problems.push(`${every(landmark).length} of ${landmark}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const twice = ids.filter((one, index) => ids.indexOf(one) !== index);
  if (twice.length > 0) problems.push(`ids that are there twice: ${twice}`);
  if (document.documentElement.scrollWidth > innerWidth) problems.push('the page scrolls sideways');
  return problems;
}

function auditStructure() {
  const problems = every('[aria-labelledby]')
    .filter((element) => !document.getElementById(element.getAttribute('aria-labelledby')))
    .map((element) => line('labelled by nothing', element));
  let level = 0;
  for (const heading of every('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) problems.push(line(`skips from h${level}`, heading));
    level = next;
  }
  const strays = every('li').filter(({ parentElement }) => !['UL', 'OL'].includes(parentElement.tagName));
  const mixed = every('ul, ol').filter(({ children }) => [...children].some(({ tagName }) => tagName !== 'LI'));
  return [
    ...problems,
    ...strays.map((one) => line('outside a list', one)),
    ...mixed.map((one) => line('not only items', one)),
  ];
}

function auditControl(element) {
  const problems = [];
  const label = element.labels?.[0]?.textContent ?? '';
  const name = `${element.getAttribute('aria-label') ?? ''}${label}${element.textContent}`.trim();
  if (name === '') problems.push(line('has no name', element));
  if (element.tabIndex < 0) problems.push(line('no key reaches it', element));
  const { width, height } = element.getBoundingClientRect();
  // WCAG 2.2, 2.5.8: links in a line of text are excepted.
  const isInline = getComputedStyle(element).display === 'inline';
  if (!isInline && (width < 24 || height < 24))
    problems.push(line(`is ${Math.round(width)}×${Math.round(height)}`, element));
  return problems;
}

function scrollsWithoutKeys(element) {
  const scrolls = ['auto', 'scroll'].includes(getComputedStyle(element).overflowY);
  return scrolls && element.scrollHeight > element.clientHeight + 1 && element.tabIndex < 0;
}

function channels(colour) {
  return (colour.match(/[\d.]+/g) ?? []).map(Number);
}

function luminance(rgb) {
  const [r, g, b] = rgb.slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function groundOf(element) {
  for (let at = element; at && at !== document.body; at = at.parentElement) {
    const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
    if (alpha === 1) return [r, g, b];
  }
  return GROUND;
}

function auditContrast(element) {
  const { color, fontSize, fontWeight } = getComputedStyle(element);
  const [darker, lighter] = [luminance(channels(color)), luminance(groundOf(element))].sort((a, b) => a - b);
  const ratio = (lighter + 0.05) / (darker + 0.05);
  const size = Number.parseFloat(fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
  return ratio < (isLarge ? 3 : 4.5) ? [line(`contrast ${ratio.toFixed(2)}`, element)] : [];
}

function textElements() {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() !== '' && visible(element) && !element.closest('script, noscript')) found.add(element);
  }
  return [...found];
}

[
  ...auditDocument(),
  ...auditStructure(),
  ...every(CONTROLS).flatMap(auditControl),
  ...every('*')
    .filter(scrollsWithoutKeys)
    .map((element) => line('scrolls, and no key reaches it', element)),
  ...textElements().flatMap(auditContrast),
];
