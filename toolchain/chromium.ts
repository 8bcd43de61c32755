/** Finds the Chromium that the browser tests drive, and installs one where that is possible and asked for. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What finding and installing need of a machine; tests pretend one. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly exists: (file: string) => boolean;
  /** Runs a command to its end with its output shown; gives the exit code, null when it could not run or was killed. */
  readonly run: (command: string, args: readonly string[]) => number | null;
}

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Where it lies on machines whose PATH does not say. */
const KNOWN_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];
const APT_GET = '/usr/bin/apt-get';
const APT_STEPS = [
  ['update', '--quiet'],
  ['install', '--yes', '--quiet', '--no-install-recommends', 'chromium'],
];
const HOW_TO_GET_IT =
  'Install it (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium) ' +
  'or name one with CHROMIUM=/path/to/chromium.';

const THIS_MACHINE: Machine = {
  env: process.env,
  isRoot: process.getuid?.() === 0,
  exists: existsSync,
  run(command, args) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, args, { stdio: 'inherit', env }).status;
  },
};

/**
 * Path of a Chromium or Chrome: `CHROMIUM` when set, else the first one on the PATH or in a usual place; null when there is none.
 * @throws Error when `CHROMIUM` names no file: a wrong name must not pass for an absent browser
 */
export function findChromium({ env, exists }: Machine = THIS_MACHINE): string | null {
  const named = env['CHROMIUM'];
  if (named) {
    if (exists(named)) return named;
    throw new Error(`CHROMIUM names ${named}, which does not exist`);
  }
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const onPath = folders.flatMap((folder) => COMMANDS.map((command) => path.join(folder, command)));
  return [...onPath, ...KNOWN_PATHS].find(exists) ?? null;
}

/**
 * The same, but installs Chromium where none is found, the machine has apt, and we are root.
 * @throws Error that says how to get one, when it cannot be installed here or the installation fails
 */
export function ensureChromium(machine: Machine = THIS_MACHINE): string {
  const found = findChromium(machine);
  if (found) return found;
  if (!machine.exists(APT_GET)) throw new Error(`No Chromium found, and there is no apt here to install it with. ${HOW_TO_GET_IT}`);
  if (!machine.isRoot) throw new Error(`No Chromium found, and only root can install it. ${HOW_TO_GET_IT}`);
  for (const step of APT_STEPS) {
    const status = machine.run(APT_GET, step);
    if (status !== 0)
      throw new Error(`No Chromium found, and "apt-get ${step.join(' ')}" ended with ${status ?? 'no'} status. ${HOW_TO_GET_IT}`);
  }
  const installed = findChromium(machine);
  if (!installed) throw new Error(`apt-get installed chromium, but it lies in no known place. ${HOW_TO_GET_IT}`);
  return installed;
}
