import { describe, expect, it } from 'vitest';
import { parseFieldSelector } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { sightingOf } from './watch-event.ts';

const event = (
  rev: number,
  type: StoreEvent['type'],
  now: Record<string, string>,
  before?: Record<string, string>,
): StoreEvent => ({
  rev,
  type,
  resource: 'r',
  key: 'ns/a',
  bytes: Buffer.alloc(10),
  attributes: { labels: now, fields: { 'metadata.name': 'a' } },
  previous: before && { rev: rev - 1, attributes: { labels: before, fields: { 'metadata.name': 'a' } } },
});

describe('what a watcher with a selector sees', () => {
  const see = (seen: StoreEvent, labels = 'x=1', keyPrefix = '') =>
    sightingOf(seen, { selection: { labels: parseLabelSelector(labels), fields: [] }, keyPrefix });

  it('an object that comes to match is added', () => {
    expect(see(event(2, 'MODIFIED', { x: '1' }, { x: '2' }))).toEqual({ type: 'ADDED', object: 'current' });
  });
  it('one that goes on to match is modified', () => {
    expect(see(event(2, 'MODIFIED', { x: '1' }, { x: '1' }))).toEqual({ type: 'MODIFIED', object: 'current' });
  });
  it('one that ceases to match is deleted, shown as it was', () => {
    expect(see(event(2, 'MODIFIED', { x: '2' }, { x: '1' }))).toEqual({ type: 'DELETED', object: 'previous' });
  });
  it('one that never matched is not seen', () => {
    expect(see(event(2, 'MODIFIED', { x: '2' }, { x: '3' }))).toBeUndefined();
    expect(see(event(1, 'ADDED', { x: '2' }))).toBeUndefined();
    expect(see(event(3, 'DELETED', { x: '2' }, { x: '2' }))).toBeUndefined();
  });
  it('a deletion of one that matched is a deletion', () => {
    expect(see(event(3, 'DELETED', { x: '1' }, { x: '1' }))).toEqual({ type: 'DELETED', object: 'current' });
  });
  it('other namespaces are not seen', () => {
    expect(see(event(1, 'ADDED', { x: '1' }), 'x=1', 'n/')).toBeUndefined();
    expect(see(event(1, 'ADDED', { x: '1' }), 'x=1', 'ns/')?.type).toBe('ADDED');
  });
  it('field selectors count as well', () => {
    const scope = { selection: { labels: [], fields: parseFieldSelector('metadata.name=b') }, keyPrefix: '' };
    expect(sightingOf(event(1, 'ADDED', {}), scope)).toBeUndefined();
  });
});
