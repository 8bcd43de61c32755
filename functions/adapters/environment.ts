/** The named variables of a function's environment; throws when one is missing, naming it, so that a wrong deployment fails at its first start. */
export function environmentOf<Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Record<Name, string> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) throw new Error(`environment variables missing: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, environment[name]!])) as Record<Name, string>;
}
