import { Duplex } from 'node:stream';

/** A client's connection that receives nothing until `flow`. */
export class StalledClient extends Duplex {
  received = '';
  #held: (() => void) | null = null;
  #flows = false;

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, taken: () => void): void {
    this.received += chunk.toString('latin1');
    if (this.#flows) taken();
    else this.#held = taken;
  }

  flow(): void {
    this.#flows = true;
    this.#held?.();
  }
}
