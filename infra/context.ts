/** What a synthesis is told from outside: by `-c name=value`, by cdk.json, or by the environment (CDK_CONTEXT_JSON). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, resolveConfig } from './config.ts';
import { ConfigError } from './config-fields.ts';

/** Whether a switch is on; context is text when it comes from the command line. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/**
 * The configuration that context `config` gives: an object, its JSON text, or the path of a JSON file relative to `folder`.
 * Context `stage` wins over the stage in it.
 */
export function configOf(context: (name: string) => unknown, folder: string): Config {
  const given = context('config');
  const input = typeof given === 'string' ? parse(given, folder) : given;
  const stage = context('stage');
  return resolveConfig(stage !== undefined && typeof (input ?? {}) === 'object' ? { ...(input as object | undefined), stage } : input);
}

function parse(given: string, folder: string): unknown {
  const inline = given.trimStart().startsWith('{');
  const file = path.resolve(folder, given);
  try {
    return JSON.parse(inline ? given : readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`context config must be JSON or the path of a JSON file, and ${inline ? 'the text' : file} is not`, { cause });
  }
}
