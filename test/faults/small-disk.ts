import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, a few megabytes large, that a test may fill and break. Needs the right to mount: root, outside most containers. */
export class SmallDisk {
  readonly path: string;
  readonly #folder: string;
  readonly #image: string | undefined;

  private constructor(folder: string, path: string, image?: string) {
    this.#folder = folder;
    this.path = path;
    this.#image = image;
  }

  /** In memory. @returns the disk, or why there is none */
  static inMemory(bytes: number): SmallDisk | string {
    return attempt((folder, path) => {
      run('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', path);
      return new SmallDisk(folder, path);
    });
  }

  /** With an ext4 in a file, which can be made to fail. @returns the disk, or why there is none */
  static withExt4(bytes: number): SmallDisk | string {
    return attempt((folder, path) => {
      const image = join(folder, 'image');
      writeFileSync(image, Buffer.alloc(bytes));
      run('mkfs.ext4', '-q', image);
      run('mount', '-o', 'loop', image, path);
      return new SmallDisk(folder, path, image);
    });
  }

  /** Leaves `bytes` free, and takes the rest. */
  fill(leave = 0): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
    if (leave > 0) run('truncate', '-s', `-${leave}`, this.#ballast);
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** As a kernel does that no longer trusts its disk: from now on nothing is written, whoever has files open. */
  breakDown(): void {
    run('mount', '-o', 'remount,abort', this.path);
  }

  /** Takes the disk away. */
  remove(): void {
    run('umount', this.path);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Takes it away and gives it back, as it is on the medium. */
  remount(): void {
    if (!this.#image) throw new Error('what was in memory is gone');
    run('umount', this.path);
    run('mount', '-o', 'loop', this.#image, this.path);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

function attempt(make: (folder: string, path: string) => SmallDisk): SmallDisk | string {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const path = join(folder, 'disk');
  mkdirSync(path);
  try {
    return make(folder, path);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return `a disk cannot be mounted here: ${error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : error}`;
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}
