import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock } from '@dark-carnival/crds/clock';
import { eventually } from '@dark-carnival/kube/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameQueue } from './frame-queue.ts';
import { SseStream } from './sse.ts';

describe('frames for a slow reader', () => {
  const server = createServer();
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('drops the oldest beyond the bound, shows the gap, and always delivers the newest', async () => {
    const streams: SseStream[] = [];
    server.on('request', (_request, response) => {
      streams.push(new SseStream(response, { clock: systemClock, stillWelcome: async () => true }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => expect(streams).toHaveLength(1));
    const [stream] = streams;
    if (!stream) return;
    const queue = new FrameQueue(stream, (dropped) => ({ event: 'gap', data: { dropped } }));
    const filler = 'x'.repeat(64 * 1024);
    for (let number = 1; number <= 400; number += 1) queue.push({ id: String(number), data: filler });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.resume();
    await eventually(() => expect(text).toContain('id: 400\n'));
    const delivered = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    const dropped = Number(/event: gap\r?\ndata: \{"dropped":(\d+)\}/.exec(text)?.[1]);
    expect(dropped).toBeGreaterThan(0);
    expect(delivered.length + dropped).toBe(400);
    expect(delivered).toEqual([...delivered].sort((a, b) => a - b));
    socket.destroy();
  });
});
