/** Asks again until there is an answer: for what a running system does in its own time. Throws after `withinMs`. */
export async function eventually<T>(ask: () => Promise<T | null>, withinMs = 90_000): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadlineMs) throw new Error(`nothing within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
