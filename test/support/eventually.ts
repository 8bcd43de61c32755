/** Asks again until there is an answer: for what a running system does in its own time. Throws after 30 s. */
export async function eventually<T>(ask: () => Promise<T | null>): Promise<T> {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadlineMs) throw new Error('nothing within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
