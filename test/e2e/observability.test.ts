import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WAGON_TOKEN_KEY, WAGONS, type Wagon, wagonTokenSecretName } from '@dark-carnival/crds';
import { SECRETS, type Secret } from '@dark-carnival/kube';
import { startLocalServer } from '@dark-carnival/local';
import { type ExposedFamily, parseExposition } from '@dark-carnival/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

const root = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(root, 'docs', 'observability.md'), 'utf8');
const dashboard = JSON.parse(readFileSync(join(root, 'deploy', 'grafana', 'dark-carnival.json'), 'utf8')) as Dashboard;

interface Panel {
  type: string;
  title: string;
  description?: string;
  datasource?: { uid: string };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; legendFormat: string; datasource: { uid: string } }[];
  gridPos: { x: number; y: number; w: number; h: number };
}
interface Dashboard {
  title: string;
  panels: Panel[];
  templating: { list: { name: string; type: string }[] };
}

/** Names of PromQL that are no metrics. */
const WORDS = new Set(['sum', 'max', 'min', 'by', 'rate', 'increase', 'histogram_quantile', 'le']);

/** Metric names in a query: words outside of selectors, groupings and ranges. */
function metricsIn(expr: string): string[] {
  const bare = expr.replace(/\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)|"[^"]*"/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)].map(([word]) => word).filter((word) => !WORDS.has(word));
}

/** Metrics that only a leased wagon or a failed key shows; every other one is there once the processes serve. */
const describedBy = (families: ReadonlyMap<string, ExposedFamily>, name: string): boolean =>
  families.has(name) || families.has(name.replace(/_(bucket|sum|count)$/, ''));

describe('what is measured', () => {
  let stack: Stack;
  const families = new Map<string, ExposedFamily>();
  const process = new Map<string, Set<string>>();

  beforeAll(async () => {
    stack = await startStack();
    const { client, hubUrl, token } = stack;
    const wagon = await client.get<Wagon>(WAGONS, { namespace: 'default', name: 'lxc-core' });
    const secret = await client.get<Secret>(SECRETS, { namespace: 'default', name: wagonTokenSecretName('lxc-core') });
    const wagonToken = Buffer.from(secret.data?.[WAGON_TOKEN_KEY] ?? '', 'base64').toString('utf8');
    const scrape = async (who: string, url: string, bearer: string) => {
      const body = await eventually(
        async () => {
          const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${bearer}` } });
          return answer.status === 200 ? await answer.text() : undefined;
        },
        { timeoutMs: 20_000, what: `the metrics of the ${who}` },
      );
      const parsed = parseExposition(body);
      process.set(who, new Set(parsed.keys()));
      for (const [name, family] of parsed) families.set(name, family);
    };
    await scrape('wagon', wagon.status?.address ?? '', wagonToken);
    await scrape('hub', hubUrl, token);
    const api = await startLocalServer({ store: 'memory', token: 'a-token-of-the-test' });
    await scrape('API server', api.url, 'a-token-of-the-test');
    await api.close();
  });
  afterAll(() => stack?.stop());

  it('is all that the dashboard asks for', () => {
    const exprs = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const asked = new Set(exprs.flatMap(metricsIn));
    expect(asked.size).toBeGreaterThan(40);
    expect([...asked].filter((name) => !describedBy(families, name))).toEqual([]);
  });

  it('is asked for by labels that it has', () => {
    for (const { expr } of dashboard.panels.flatMap(({ targets = [] }) => targets))
      for (const [, name = '', selector = ''] of expr.matchAll(/([a-z_]+)\{([^}]*)\}/g))
        for (const [, label = ''] of selector.matchAll(/(\w+)(?:=~|!=|=)/g)) {
          const sample = families.get(name.replace(/_bucket$/, ''))?.samples[0];
          if (label !== 'instance' && sample)
            expect(Object.keys(sample.labels), `${label} in ${expr}`).toContain(label);
        }
  });

  it('is on the page, each metric with its process, and nothing else is', () => {
    const ours = [...families.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
    const listed = [...PAGE.matchAll(/^\| `([a-z_]+)` \| ([^|]+) \|/gm)].map(([, name = '', who = '']) => ({
      name,
      who,
    }));
    expect(listed.map(({ name }) => name).sort()).toEqual(ours.sort());
    for (const { name, who } of listed) expect(process.get(who.trim())?.has(name), `${name} of the ${who}`).toBe(true);
  });
});

/** Ids of Grafana's units that the dashboard uses: one that it does not know is shown as a suffix, and never scaled. */
const UNITS = ['bytes', 'currencyUSD', 'ops', 'percentunit', 'reqps', 's', 'short'];

describe('the dashboard', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  it('takes its data source from a variable, and says what every panel shows, in which unit', () => {
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource' }),
    );
    for (const { title, description, datasource, fieldConfig, targets = [] } of panels) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/\.$/);
      expect(datasource?.uid, title).toBe(`\${datasource}`);
      expect(UNITS, title).toContain(fieldConfig?.defaults.unit);
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { legendFormat, expr } of targets) {
        expect(legendFormat, title).not.toBe('');
        // A legend names only labels that the query keeps.
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          if (!['instance', 'job'].includes(label)) expect(expr, title).toContain(label);
      }
    }
  });

  it('has no panels over each other', () => {
    const cells = new Set<string>();
    for (const { gridPos, title } of panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(cells.has(`${x},${y}`), title).toBe(false);
          expect(x).toBeLessThan(24);
          cells.add(`${x},${y}`);
        }
  });
});
