/** Things that arrive in their own time, taken one at a time in the order of arrival. */
export class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  push(value: T): void {
    const taker = this.#waiting.shift();
    if (taker) taker(value);
    else this.#arrived.push(value);
  }

  next(): Promise<T> {
    const value = this.#arrived.shift();
    if (value !== undefined) return Promise.resolve(value);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async take(count: number): Promise<T[]> {
    const values: T[] = [];
    while (values.length < count) values.push(await this.next());
    return values;
  }

  /** The next one that passes; those before it are dropped. */
  async until(passes: (value: T) => boolean): Promise<T> {
    for (;;) {
      const value = await this.next();
      if (passes(value)) return value;
    }
  }
}
