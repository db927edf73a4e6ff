import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aWagon } from '@dark-carnival/crds/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../agent/testing/wagon-process.ts';
import { startTestHub, type TestHub } from '../controller/testing/hub/test-hub.ts';

/** Nothing of the original is forgotten, and the table that says where it went cannot drift from the code. */
const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const owed = JSON.parse(read('docs/original-rows.json')) as Record<string, string[]>;
const GROUPS: Readonly<Record<string, string>> = {
  'Hub features': 'features',
  'How the swarm thinks': 'thinking',
  'Recursive self-improvement': 'improvement',
  Architecture: 'architecture',
  'Supported LLM providers': 'providers',
  'Ringmaster API': 'hub-routes',
  'Edge node API': 'wagon-routes',
  'Quick start': 'scripts',
  'Environment variables': 'environment',
  'Project structure': 'structure',
};
const PARTS = ['the fleet', 'minds', 'memory and skills', 'self-improvement', "the hub's interface", 'Proxmox'];

interface Row {
  group: string;
  original: string;
  where: string;
  state: 'landed' | 'first' | 'not yet';
  /** What is still owed, and with which part it comes. */
  rest: string | undefined;
}

function parseRows(markdown: string): Row[] {
  const rows: Row[] = [];
  let group = '';
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) group = GROUPS[line.slice(3)] ?? line.slice(3);
    const cells = /^\| (.+) \|$/.exec(line)?.[1]?.split(' | ');
    if (!cells || cells[0] === 'The original') continue;
    const [original = '', , where = '', state = ''] = cells;
    const match = /^(landed|first|not yet)(?: \((.+)\))?$/.exec(state);
    if (cells.length !== 4 || !match) throw new Error(`a row that cannot be read: ${line}`);
    rows.push({
      group,
      original: original.replace(/^`(.*)`$/, '$1'),
      where,
      state: match[1] as Row['state'],
      rest: match[2],
    });
  }
  return rows;
}

const rows = parseRows(read('docs/from-the-original.md'));
const named = ({ where }: Row) => [...where.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
const isRoute = (name: string) => /^(GET|POST|DELETE|PUT|WS) /.test(name);
const inGroup = (group: string) => rows.filter((row) => row.group === group);
const title = ({ group, original, state }: Row) => `${group}: ${original} (${state})`;

describe('docs/from-the-original.md', () => {
  it('has a row for everything that the original README names, and for nothing else', () => {
    for (const [group, originals] of Object.entries(owed)) {
      expect(
        inGroup(group).map(({ original }) => original),
        group,
      ).toEqual(originals);
    }
    expect(rows).toHaveLength(Object.values(owed).flat().length);
  });

  it('says of everything that is owed with which part of the work it comes', () => {
    for (const row of rows) {
      if (row.state === 'landed') expect(row.rest, title(row)).toBeUndefined();
      else
        expect(
          PARTS.some((part) => row.rest?.endsWith(`with ${part}`)),
          title(row),
        ).toBe(true);
    }
  });

  it('names a home for everything that works, and only files that are there', () => {
    for (const row of rows) {
      const names = named(row);
      if (row.state !== 'not yet') expect(names.length, title(row)).toBeGreaterThan(0);
      for (const path of names.filter((name) => !isRoute(name))) {
        expect(existsSync(join(root, path)), `${title(row)} names ${path}`).toBe(true);
      }
    }
  });

  it('names for each environment variable a file that reads it', () => {
    for (const row of inGroup('environment')) {
      expect(
        named(row).some((path) => read(path).includes(row.original)),
        title(row),
      ).toBe(true);
    }
  });

  it('says "not yet" of no file of the original that is there under its own name', () => {
    for (const row of [...inGroup('scripts'), ...inGroup('structure')]) {
      if (row.state !== 'not yet' || !row.original.endsWith('.sh')) continue;
      expect(existsSync(join(root, row.original)), title(row)).toBe(false);
    }
  });
});

/** `POST /api/vault/{node}/learn` as a request. Whatever stands for a name gets one. */
function requestOf(route: string): { method: string; path: string } {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern
    .replace(/\{node(_id)?\}/, 'lxc-core')
    .replace(/(\{|:)file(name)?\}?/, 'tide-chart/a.md')
    .replace(/\{name\}/, 'tide-chart');
  return { method: method === 'WS' ? 'GET' : method, path };
}

/** A route that works answers anything but "there is no such route" and "not installed". */
function expectState(row: Row, { status, text }: { status: number; text: string }): void {
  const isUnknown = status === 404 && /"NoSuchRoute"|a wagon has no /.test(text);
  const found = isUnknown ? 'no such route' : status === 501 ? 'not installed' : 'works';
  expect(found, title(row)).toBe(row.state === 'not yet' ? 'not installed' : 'works');
}

describe('the routes of the table', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    hub.wagons.put(aWagon());
  });
  afterAll(() => hub.close());

  const askHub = async (route: string) => {
    const { method, path } = requestOf(route);
    const abort = new AbortController();
    const answer = await hub.ask(path, { method, signal: abort.signal });
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
    const text = isStream ? '' : await answer.text();
    abort.abort();
    return { status: answer.status, text };
  };

  it('of the hub answer as the table says', async () => {
    for (const row of inGroup('hub-routes')) {
      expectState(row, await askHub(row.original));
    }
    for (const row of rows.filter(({ group }) => group !== 'wagon-routes')) {
      for (const route of named(row).filter(isRoute)) {
        expectState(row, await askHub(route));
      }
    }
  });

  it('of a wagon answer as the table says', async () => {
    const { client } = await startProcess({});
    for (const row of inGroup('wagon-routes')) {
      const { method, path } = requestOf(row.original);
      expectState(row, await client.call(method, path));
    }
  });
});
