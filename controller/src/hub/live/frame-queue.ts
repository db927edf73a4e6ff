import type { Frame, SseStream } from './sse.ts';
import { encodeFrame } from './sse.ts';

/** What waits for a slow reader, at most. */
const MAX_WAITING_BYTES = 512 * 1024;

/**
 * Frames on their way to a reader who may be slower than they come. Beyond the bound the oldest are dropped, and the reader is told how many:
 * a gap is shown, never papered over.
 */
export class FrameQueue {
  readonly #stream: SseStream;
  readonly #gapFrame: (dropped: number) => Frame;
  readonly #waiting: { frame: Frame; bytes: number }[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(stream: SseStream, gapFrame: (dropped: number) => Frame) {
    this.#stream = stream;
    this.#gapFrame = gapFrame;
    stream.onReady = () => this.#flush();
  }

  push(frame: Frame): void {
    if (this.#waiting.length === 0 && this.#dropped === 0 && this.#stream.ready) {
      this.#stream.send(frame);
      return;
    }
    const bytes = encodeFrame(frame).length;
    this.#waiting.push({ frame, bytes });
    this.#bytes += bytes;
    while (this.#bytes > MAX_WAITING_BYTES && this.#waiting.length > 1) this.#dropOldest();
    this.#flush();
  }

  #dropOldest(): void {
    this.#bytes -= this.#waiting.shift()?.bytes ?? 0;
    this.#dropped += 1;
  }

  #flush(): void {
    while (this.#stream.ready) {
      if (this.#dropped > 0) {
        this.#stream.send(this.#gapFrame(this.#dropped));
        this.#dropped = 0;
        continue;
      }
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#bytes -= next.bytes;
      this.#stream.send(next.frame);
    }
  }
}
