import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, stringAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { Answer, ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const names = ({ body }: Answer) =>
  (body['items'] as JsonObject[]).map((item) => stringAt(objectAt(item, 'metadata'), 'name'));
const meta = ({ body }: Answer) => objectAt(body, 'metadata') ?? {};

describe('lists', () => {
  let server: LocalServer;
  let client: ApiClient;

  beforeAll(async () => {
    ({ server, client } = await startMemoryServer({ historyLimit: 600 }));
    for (const name of ['d', 'a', 'c', 'b', 'e']) {
      await client.post(JUGGLES, juggle(name, { metadata: { labels: { vowel: String('ae'.includes(name)) } } }));
    }
    await client.patch(`${JUGGLES}/b/status`, { status: { phase: 'Up' } });
  });
  afterAll(() => server.close());

  it('come in the order of names, as of the newest revision', async () => {
    const answer = await client.get(JUGGLES);
    expect([names(answer), meta(answer)]).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      { resourceVersion: String(server.store.revision) },
    ]);
    expect([answer.body['kind'], answer.body['apiVersion']]).toEqual(['JuggleList', 'circus.test/v1']);
  });

  it.each([
    ['labelSelector=vowel%3Dtrue', ['a', 'e']],
    ['labelSelector=vowel+in+(false),vowel', ['b', 'c', 'd']],
    ['labelSelector=!vowel', []],
    ['fieldSelector=status.phase%3DUp', ['b']],
    ['fieldSelector=status.phase!%3DUp,metadata.name!%3Da', ['c', 'd', 'e']],
    ['fieldSelector=metadata.name%3Dc,metadata.namespace%3Ddefault', ['c']],
    ['fieldSelector=metadata.name%3Dc&labelSelector=vowel%3Dtrue', []],
  ])('select by %s', async (query, expected) => {
    expect(names(await client.get(`${JUGGLES}?${query}`))).toEqual(expected);
    expect(names(await client.get(`/apis/circus.test/v1/juggles?${query}`))).toEqual(expected);
  });

  it('go page by page through one revision, whatever is written meanwhile', async () => {
    const first = await client.get(`${JUGGLES}?limit=2`);
    expect([names(first), meta(first)['remainingItemCount']]).toEqual([['a', 'b'], 3]);
    await client.post(JUGGLES, juggle('bb'));
    await client.patch(`${JUGGLES}/c`, { spec: { balls: 50 } });
    await client.delete(`${JUGGLES}/d`);
    const second = await client.get(`${JUGGLES}?limit=2&continue=${meta(first)['continue']}`);
    expect([names(second), meta(second)['remainingItemCount'], meta(second)['resourceVersion']]).toEqual([
      ['c', 'd'],
      1,
      meta(first)['resourceVersion'],
    ]);
    expect(objectAt((second.body['items'] as JsonObject[])[0], 'spec')?.['balls']).toBe(3);
    const third = await client.get(`${JUGGLES}?limit=2&continue=${meta(second)['continue']}`);
    expect([names(third), meta(third)['continue']]).toEqual([['e'], undefined]);
  });

  it('give an expired token 410 with a token that goes on from now', async () => {
    await client.post(CONFIG_MAPS, configMap('churn'));
    const { continue: token } = meta(await client.get(`${JUGGLES}?limit=1`));
    for (let i = 0; i < 1200; i += 1) await client.patch(`${CONFIG_MAPS}/churn`, { data: { i: String(i) } });
    const expired = await client.get(`${JUGGLES}?limit=2&continue=${token}`);
    expect([expired.status, expired.body['reason']]).toEqual([410, 'Expired']);
    expect(names(await client.get(`${JUGGLES}?limit=2&continue=${meta(expired)['continue']}`))).toEqual(['b', 'bb']);
  });

  it('read an exact revision while it is kept', async () => {
    const { resourceVersion } = meta(await client.get(JUGGLES));
    await client.post(JUGGLES, juggle('z'));
    const query = `resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
    expect(names(await client.get(`${JUGGLES}?${query}`))).not.toContain('z');
    expect(names(await client.get(`${JUGGLES}?resourceVersion=0`))).toContain('z');
    expect((await client.get(`${JUGGLES}?resourceVersion=1&resourceVersionMatch=Exact`)).status).toBe(410);
    expect((await client.get(`${JUGGLES}?resourceVersion=9999999`)).status).toBe(504);
  });

  it.each([
    ['fieldSelector=spec.balls%3D3', 400, 'field label not supported: spec.balls'],
    ['labelSelector=a+b', 400, 'unable to parse requirement'],
    ['continue=nonsense', 400, 'continue key is not valid'],
    ['limit=x', 400, 'invalid syntax'],
    ['resourceVersion=x', 400, 'invalid resource version'],
    ['resourceVersionMatch=Exact', 422, 'forbidden unless resourceVersion is provided'],
  ])('refuse %s', async (query, status, message) => {
    const answer = await client.get(`${JUGGLES}?${query}`);
    expect([answer.status, answer.body['message']]).toEqual([status, expect.stringContaining(message)]);
  });

  it('of built-in kinds carry no type in their items, those of custom resources do', async () => {
    const [builtin, custom] = [await client.get(CONFIG_MAPS), await client.get(JUGGLES)];
    const firstOf = (answer: Answer) => (answer.body['items'] as JsonObject[])[0] ?? {};
    expect(Object.keys(firstOf(builtin))).toEqual(['metadata', 'data']);
    expect(firstOf(custom)['kind']).toBe('Juggle');
  });

  it('can be had as a table, or as metadata only', async () => {
    const table = await client.get(JUGGLES, { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const [row] = table.body['rows'] as { cells: unknown[]; object: JsonObject }[];
    expect([table.body['kind'], row?.cells, row?.object['kind']]).toEqual([
      'Table',
      ['a', null],
      'PartialObjectMetadata',
    ]);
    const partial = await client.get(JUGGLES, {
      Accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(Object.keys((partial.body['items'] as JsonObject[])[0] ?? {})).toEqual(['kind', 'apiVersion', 'metadata']);
    expect((await client.get(JUGGLES, { Accept: 'application/xml' })).status).toBe(406);
  });
});
