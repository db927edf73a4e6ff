import { readFileSync } from 'node:fs';

/** One row of the report. `runs` are kept, so that the spread is shown and not only the middle. */
export interface Row {
  name: string;
  unit: string;
  runs: number[];
  note?: string;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

/** Nearest-rank percentile; NaN for no values. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Resident memory of a process in MB, as the kernel counts it (Linux). */
export function residentMB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Every process below `pid`, with the file it runs. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [
    { pid: child, command: readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() },
    ...descendants(child),
  ]);
}

/** Runs `count` pieces of work, `width` at a time, and returns how long all took (ms). */
export async function timeAll(
  count: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return performance.now() - began;
}

/** A Markdown table of the rows: middle, smallest, largest. */
export function table(rows: readonly Row[]): string {
  const cell = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(value >= 100 ? 0 : 2));
  const line = ({ name, unit, runs, note }: Row) => {
    const spread = runs.length > 1 ? `${cell(Math.min(...runs))} to ${cell(Math.max(...runs))}` : '';
    return `| ${name} | ${cell(median(runs))} ${unit} | ${spread} | ${runs.length} | ${note ?? ''} |`;
  };
  return ['| what | median | range | runs | how |', '|---|---|---|---|---|', ...rows.map(line)].join('\n');
}
