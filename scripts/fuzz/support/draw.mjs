// Random choices of an input: the same for the same name, so that an input can be drawn again by itself.
import { Random } from '../../../dist/src/random.js';

/** The choices of one input. */
export class Draw {
  #random;

  constructor(name) {
    this.#random = new Random(name);
  }

  /** Uniform in [0, 1). */
  uniform() {
    return this.#random.uniform();
  }

  /** 0 … below − 1. */
  integer(below) {
    return below <= 1 ? 0 : this.#random.integer(below);
  }

  /** Both ends count. */
  between(least, most) {
    return least + this.integer(most - least + 1);
  }

  chance(probability) {
    return this.uniform() < probability;
  }

  pick(list) {
    return list[this.integer(list.length)];
  }

  bytes(length) {
    return Uint8Array.from({ length }, () => this.integer(256));
  }
}
