/**
 * Makes an element. Text only ever becomes text: whatever a model, a wagon or a person wrote, it stays words.
 *
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] `class` and other attributes; undefined and false are left out.
 * @param {...(Node | string | undefined | false)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

/** Changes a text only where it differs: an unchanged page is an unpainted page. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What each filled element shows. */
const shown = new WeakMap();

/** Fills an element anew only when what it shows has changed, so that focus, selection and scrolling survive everything else. */
export function fill(element, key, make) {
  const wanted = JSON.stringify(key);
  if (shown.get(element) === wanted) return;
  shown.set(element, wanted);
  element.replaceChildren(...make().filter(Boolean));
}
