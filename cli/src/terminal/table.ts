/** Rows under headings, in columns as kubectl prints them: three spaces between, nothing after the last. Cells are one line each. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  return all
    .map((row) =>
      headings
        .map((_, column) => {
          const cell = row[column] ?? '';
          return column === headings.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell));
        })
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns that a text takes; good enough for names, which is what stands in columns. */
function width(text: string): number {
  return [...text].length;
}
