/** How long a call of a service may take before it counts as failed. */
const CONNECTION_TIMEOUT_MS = 2_000;

/**
 * Options of a client's HTTP/1 handler: an attempt that has no answer after `answerWithinMs` fails and is tried again by
 * the client. Without `throwOnRequestTimeout` the client only warns, and a call that hangs lasts until the function's own timeout.
 */
export function requestLimits(answerWithinMs: number) {
  return { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: answerWithinMs, throwOnRequestTimeout: true };
}
