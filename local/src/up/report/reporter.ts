import { OBJECTIVES, type Objective, WAGONS, type Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { type KubeClient, Reflector } from '@dark-carnival/kube';
import { objectiveLines, wagonLines } from './event-lines.ts';

/** Follows Objectives and Wagons of all namespaces and says each change that matters, until stopped. */
export class Reporter {
  readonly #objectives: Reflector<Objective>;
  readonly #wagons: Reflector<Wagon>;
  readonly #say: (line: string) => void;

  constructor(client: KubeClient, clock: Clock, say: (line: string) => void) {
    this.#objectives = new Reflector<Objective>(client, OBJECTIVES, { clock });
    this.#wagons = new Reflector<Wagon>(client, WAGONS, { clock });
    this.#say = say;
  }

  start(): void {
    this.#objectives.subscribe({
      onAdd: (objective) => this.#sayAll(objectiveLines(undefined, objective)),
      onUpdate: (before, after) => this.#sayAll(objectiveLines(before, after)),
      onDelete: ({ metadata }) => this.#say(`${metadata.name}  deleted; its files stay in the vault`),
    });
    this.#wagons.subscribe({
      onAdd: (wagon, { initial }) => (initial ? undefined : this.#sayAll(wagonLines(undefined, wagon))),
      onUpdate: (before, after) => this.#sayAll(wagonLines(before, after)),
      onDelete: ({ metadata }) => this.#say(`wagon ${metadata.name} is deleted`),
    });
    this.#objectives.start();
    this.#wagons.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#objectives.stop(), this.#wagons.stop()]);
  }

  #sayAll(lines: readonly string[]): void {
    for (const line of lines) this.#say(line);
  }
}
