import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, CONFIG_MAPS, type KubeClient } from '@dark-carnival/kube';
import { seeded } from '@dark-carnival/local/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServerProcess } from './api-server-process.ts';
import { Ledger, type Note } from './ledger.ts';

/** Together 200 kills; each row has a server, a file and clients of its own, and two rows keep two cores busy. */
const ROUNDS = 100;
/** Three times what they take on a busy machine with two cores. Fewer rounds are no pass: a slower machine fails here, and says so. Milliseconds. */
const BUDGET_MS = 700_000;
const SEEDS = [11, 12];
const WRITERS = 6;
const NAMES_PER_WRITER = 8;

/** A client that watches through every restart and keeps what it was told. */
class Witness {
  readonly state = new Map<string, string>();
  readonly revisions: number[] = [];
  resumed = 0;
  expired = 0;
  #from = '';

  /** Watches until the server dies. Resolves once the watch is open, with its end. */
  async follow(client: KubeClient): Promise<{ end: Promise<void> }> {
    if (this.#from === '') await this.#list(client);
    const events = await client.watch<Note>(CONFIG_MAPS, { namespace: 'default', resourceVersion: this.#from });
    return { end: this.#read(events, client) };
  }

  async #list(client: KubeClient): Promise<void> {
    const { items, metadata } = await client.list<Note>(CONFIG_MAPS, { namespace: 'default' });
    this.state.clear();
    for (const item of items) this.state.set(item.metadata.name, item.data.text);
    this.#from = metadata.resourceVersion ?? '';
  }

  async #read(events: Awaited<ReturnType<KubeClient['watch']>>, client: KubeClient): Promise<void> {
    let isFirst = true;
    try {
      for await (const event of events) {
        if (event.type === 'BOOKMARK') continue;
        if (isFirst) this.resumed += 1;
        isFirst = false;
        const { metadata, data } = event.object as Note;
        this.revisions.push(Number(metadata.resourceVersion));
        this.#from = metadata.resourceVersion ?? '';
        if (event.type === 'DELETED') this.state.delete(metadata.name);
        else this.state.set(metadata.name, data.text);
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.isGone)) return;
      this.expired += 1;
      await this.#list(client);
    }
  }
}

describe('an API server that is killed at any moment of its writes', () => {
  let folder: string;
  let server: ApiServerProcess | undefined;
  const servers = new Set<ApiServerProcess>();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'store-kill-'));
    // Only a clean end keeps the compiled modules for the starts that follow.
    await (await ApiServerProcess.serving(join(folder, 'first'))).stop();
  });
  afterAll(async () => {
    await Promise.all([...servers].map((each) => each.kill()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Writes from several clients at once until one of them has had the answer that is the server's last. */
  async function writeUntilKilled(killed: ApiServerProcess, ledger: Ledger, random: () => number, round: number) {
    let left = Math.floor(random() * 60);
    const afterMs = random() * 3;
    const writer = async (id: number) => {
      for (let i = 0; ; i += 1) {
        const name = `note-${id}-${Math.floor(random() * NAMES_PER_WRITER)}`;
        await ledger.write(killed.client, name, `${round}.${id}.${i} ${'x'.repeat(random() * 3000)}`, random());
        left -= 1;
        // While the other writers are in the middle of theirs.
        if (left === 0) setTimeout(() => void killed.kill(), afterMs);
        if (left < -2000) throw new Error('the server outlived its kill');
      }
    };
    if (left === 0) setTimeout(() => void killed.kill(), afterMs);
    await Promise.all(Array.from({ length: WRITERS }, (_, id) => writer(id).catch((error) => checkCause(error))));
    await killed.kill();
  }

  /** A writer ends because the server has gone, and for no other reason. */
  function checkCause(error: unknown): void {
    if (error instanceof ApiError || !(error instanceof Error) || error.name !== 'TransportError') throw error;
  }

  async function start(data: string): Promise<ApiServerProcess> {
    const started = await ApiServerProcess.serving(data);
    servers.add(started);
    return started;
  }

  async function rounds(seed: number): Promise<{ ledger: Ledger; witness: Witness }> {
    const random = seeded(seed);
    const data = join(folder, String(seed));
    const ledger = new Ledger();
    const witness = new Witness();
    const until = performance.now() + BUDGET_MS;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (performance.now() > until) throw new Error(`${round} of ${ROUNDS} rounds in ${BUDGET_MS / 1000} s`);
      const running = await start(data);
      const { items, metadata } = await running.client.list<Note>(CONFIG_MAPS, { namespace: 'default' });
      expect(ledger.settle(items), `seed ${seed}, round ${round}`).toEqual([]);
      expect(Number(metadata.resourceVersion), `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(ledger.newest);
      const { end } = await witness.follow(running.client);
      await writeUntilKilled(running, ledger, random, round);
      servers.delete(running);
      await end;
    }
    return { ledger, witness };
  }

  it('has every acknowledged write afterwards, never goes back, and watches go on where they were', {
    timeout: BUDGET_MS + 60_000,
  }, async () => {
    const began = performance.now();
    const rows = await Promise.all(SEEDS.map(async (seed) => ({ seed, ...(await rounds(seed)) })));
    for (const { seed, ledger, witness } of rows) {
      server = await start(join(folder, String(seed)));
      const { items, metadata } = await server.client.list<Note>(CONFIG_MAPS, { namespace: 'default' });
      expect(ledger.settle(items)).toEqual([]);
      await caughtUp(witness, server.client, items);
      expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(ledger.newest);
      // Nothing came twice or out of order, across a hundred restarts.
      expect(witness.revisions).toEqual([...new Set(witness.revisions)].sort((a, b) => a - b));
      // Every change that was acknowledged was told (a re-list after a 410 would tell less: there was none).
      const told = new Set(witness.revisions);
      expect(witness.expired).toBe(0);
      expect([...ledger.revisions.keys()].filter((revision) => !told.has(revision))).toEqual([]);
      expect(witness.resumed).toBeGreaterThan(ROUNDS / 2);
    }
    const writes = rows.reduce((sum, { ledger }) => sum + ledger.revisions.size, 0);
    console.log(
      `${ROUNDS * rows.length} kills, ${writes} acknowledged writes, ${Math.round((performance.now() - began) / 1000)} s`,
    );
  });

  /** Lets the witness read until it knows the same as a list. */
  async function caughtUp(witness: Witness, client: KubeClient, items: readonly Note[]): Promise<void> {
    const wanted = new Map(items.map((item) => [item.metadata.name, item.data.text]));
    const { end } = await witness.follow(client);
    const marker: Note = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'marker' },
      data: { text: 'end' },
    };
    await client.create(CONFIG_MAPS, marker);
    while (!witness.state.has('marker')) await new Promise((resolve) => setTimeout(resolve, 5));
    await server?.kill();
    await end;
    expect(witness.state).toEqual(wanted.set('marker', 'end'));
  }
});
