/** Lines of at most `width` characters, broken at spaces; a word that is longer stays whole, and what begins with a space stays as it is: it is laid out. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => (/^\s/.test(line) ? [line] : wrapLine(line, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && [...longer].length > width) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}
