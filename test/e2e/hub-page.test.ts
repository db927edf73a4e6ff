import { existsSync } from 'node:fs';
import { API_VERSION, type KubeObject, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';
import { accessibilityProblems } from './accessibility.ts';

/** The hub's page in a real browser, against a whole control plane on rehearsal. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const present = existsSync(CHROMIUM);
if (!present) console.warn(`SKIPPED hub-page: no browser at ${CHROMIUM}. apt-get install chromium, or set CHROMIUM.`);

const HOSTILE = 'Sort <img src=x onerror="document.title=\'owned\'"> files \u202Egnp.exe \u001b]0;owned\u0007 now';

describe.skipIf(!present)('the page of the hub', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  /** What a browser has to complain about: errors, violations of the policy. */
  const complaints: string[] = [];
  const foreign: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ wagons: ['LXC-CORE:CORE', 'LXC-OSINT:OSINT'] });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== stack.hubUrl) foreign.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const objective = (name: string) => stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
  const text = async (selector: string) => (await page.locator(selector).textContent()) ?? '';
  const shows = (selector: string, words: string | RegExp) =>
    page.locator(selector).filter({ hasText: words }).first().waitFor({ timeout: 60_000 });
  async function freshLogin(): Promise<string> {
    const opened = await fetch(`${stack.hubUrl}/api/login/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.token}` },
    });
    return ((await opened.json()) as { url: string }).url;
  }

  it('shows who is not logged in how to get in, and nothing else', async () => {
    const stranger = await browser.newPage();
    await stranger.goto(stack.hubUrl);
    await stranger.getByText('The tent is closed').waitFor();
    expect(await stranger.locator('#closed').textContent()).toContain('npx carnival open');
    expect(await stranger.locator('.wagon').count()).toBe(0);
    expect(await accessibilityProblems(stranger)).toEqual([]);
    await stranger.goto(`${stack.hubUrl}/login?ticket=used-before`);
    await stranger.getByText('used before').waitFor();
    await stranger.close();
  });

  it('shows the wagons live after a one-time login, and that it is a rehearsal', async () => {
    await page.goto(await freshLogin());
    await shows('.wagon', 'LXC-CORE');
    await shows('.wagon', 'LXC-OSINT');
    await shows('#signal', 'Live');
    await shows('.wagon', 'REHEARSAL');
    expect(await text('#rehearsal')).toContain('No language model is configured');
    expect(await text('#trust')).toContain('One trust domain');
    expect(page.url()).toBe(`${stack.hubUrl}/`);
  });

  it('takes a goal by keyboard alone and shows its debate, its plan and its hash', async () => {
    // It is unfolded while there is no Objective.
    expect(await page.locator('#dispatch').getAttribute('open')).toBe('');
    await page.locator('#dispatch > summary').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('Plan a tide chart for a small harbour');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows('#objective-title', /^plan-a-tide-chart/);
    await shows('#o-head', 'Plan a tide chart for a small harbour');
    await shows('#o-gate', 'Awaiting human');
    const name = await text('#objective-title');
    const { status } = await objective(name);
    await shows('#o-plan .hash', status?.approvalRequest?.planHash ?? 'a hash');
    for (const seat of ['visionary', 'critic', 'tactician']) {
      await shows(`.seat.${seat} .seat-state`, 'has spoken');
      expect((await text(`.seat.${seat} .words`)).length, seat).toBeGreaterThan(80);
      await shows(`.seat.${seat}`, 'REHEARSAL');
    }
    expect(await page.title()).toBe('(1) The Dark Carnival Protocol');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('shows at the gate what the Critic objects to, how gravely, and what was answered to each', async () => {
    await shows('#o-gate .dissent h4', 'The Critic objects');
    const { status } = await objective(await text('#objective-title'));
    const said = status?.approvalRequest?.dissent ?? [];
    expect(said.length).toBeGreaterThan(0);
    expect(await page.locator('#o-gate .objection').count()).toBe(said.length);
    await shows('#o-gate .objection .severity', /^(Blocker|Major|Minor)$/);
    await shows('#o-gate .objection .answer', 'This is a rehearsal: only the gravest objection');
    await shows('#o-gate .facts', /^The debate ended after round 1: /);
  });

  it('shows commands that really decide: the kubectl line approves exactly this plan', async () => {
    const name = await text('#objective-title');
    expect(await text('#o-commands')).toContain(`npx carnival approve ${name}`);
    await page.getByText('With kubectl alone').click();
    const line = await page.locator('#o-commands code').filter({ hasText: '"Approve"' }).textContent();
    const patch = JSON.parse(/ -p '(.+)'$/.exec(line ?? '')?.[1] ?? '') as {
      op: 'add';
      path: string;
      value: unknown;
    }[];
    const ref = { namespace: 'default', name };
    await stack.client.patch(
      OBJECTIVES,
      ref,
      { type: 'json', operations: patch },
      { fieldManager: 'darkcarnival-approval' },
    );
    await shows('#o-head .phase', 'Completed');
    await shows('#o-decisions', 'Approve');
  });

  it('shows the files as text that can be opened', async () => {
    const link = page.locator('#o-tasks .file a').first();
    await link.waitFor();
    const answer = await page.request.get(new URL((await link.getAttribute('href')) ?? '', stack.hubUrl).href);
    expect(answer.status()).toBe(200);
    expect(answer.headers()['content-type']).toBe('text/plain; charset=utf-8');
    expect((await answer.text()).length).toBeGreaterThan(100);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('shows a change of the API within moments, and hostile words as words', async () => {
    await stack.client.create(OBJECTIVES, {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'hostile', namespace: 'default' },
      spec: { directive: HOSTILE },
    } as KubeObject);
    await shows('.row', 'hostile');
    await page.locator('a.row[href$="/hostile"]').click();
    await shows('#o-head .directive', '<img src=x onerror=');
    const directive = await text('#o-head .directive');
    expect(directive).toContain('⟦U+202E⟧');
    expect(directive).not.toContain('\u001b');
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).toContain('The Dark Carnival Protocol');
  });

  it('is the same page at a pasted address, and on a telephone', async () => {
    const address = page.url();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto('about:blank');
    await page.goto(address);
    await shows('#objective-title', 'hostile');
    await shows('#o-gate', 'Awaiting human');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('works offline under its policy: nothing foreign asked for, nothing complained about', () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('says SIGNAL LOST when the hub is gone, and keeps showing what it knew', async () => {
    await stack.stop();
    await eventually(async () => ((await text('#signal')).includes('SIGNAL LOST') ? true : undefined), {
      timeoutMs: 20_000,
      what: 'SIGNAL LOST',
    });
    await shows('.row', 'hostile');
  });
});
