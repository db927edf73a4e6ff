import { byId, el, setText } from './element.js';

/** Commands that a person can copy, exactly as they are. Those for kubectl are long, and not everybody's. */
export function commandsContent(commands) {
  const isKubectl = ({ command }) => command.startsWith('kubectl ');
  const own = commands.filter((one) => !isKubectl(one));
  const kubectl = commands.filter(isKubectl);
  return [
    el('h3', { id: 'o-commands-title' }, 'What you can do next'),
    listOf(own),
    kubectl.length > 0 && el('details', {}, el('summary', {}, 'With kubectl alone'), listOf(kubectl)),
  ];
}

const listOf = (commands) =>
  el(
    'ul',
    { class: 'commands' },
    ...commands.map(({ title, command }) => el('li', {}, el('p', {}, title), commandBox(title, command))),
  );

function commandBox(title, command) {
  const button = el('button', { type: 'button', class: 'copy', 'aria-label': `Copy the command: ${title}` }, 'Copy');
  const code = el('code', {}, command);
  button.addEventListener('click', () => copy(button, code));
  return el('div', { class: 'command' }, el('pre', {}, code), button);
}

async function copy(button, code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    setText(button, 'Copied');
    setText(byId('announce'), 'Command copied');
  } catch {
    // Without the right to use the clipboard, the words are at least selected.
    getSelection()?.selectAllChildren(code);
    setText(button, 'Selected');
  }
  setTimeout(() => setText(button, 'Copy'), 2_000);
}
