import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf, UsageError } from './user-error.ts';

/** Node's `parseArgs`; throws UsageError, in one line, for what it does not understand. */
export function parsedArguments<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // What follows the first sentence is advice for another command line than ours.
    throw new UsageError(messageOf(error).split(/\.\s/)[0]!);
  }
}
