/** Where the devices of a simulation publish: a local instance that runs, or AWS IoT Core. */
import { readFile } from 'node:fs/promises';
import type { DeviceCredentials } from '../../device-sim/device.ts';
import { openInstance } from '../shared/instance.ts';
import { messageOf, UserError } from '../shared/user-error.ts';
import type { SimulateTarget } from './options.ts';

export interface Target {
  readonly mqttUrl: string;
  readonly credentials: DeviceCredentials | undefined;
  /** Address of the API to ask what became of the readings; null when there is none to ask. */
  readonly api: string | null;
}

const HOW = 'start one with npm start, name one with --url, or AWS with --endpoint';

/** Throws UserError when no instance answers or a file cannot be read. */
export async function openTarget(target: SimulateTarget, log: (line: string) => void, signal: AbortSignal): Promise<Target> {
  if (target.kind !== 'aws') {
    const { endpoints } = await openInstance(target, log, signal, HOW);
    return { mqttUrl: endpoints.mqtt, credentials: undefined, api: endpoints.api };
  }
  const { host, ...files } = target;
  // One after the other: of several that cannot be read, the first is named.
  const credentials = { cert: await pem('cert', files.cert), key: await pem('key', files.key), ca: await pem('ca', files.ca) };
  return { mqttUrl: `mqtts://${host.includes(':') ? host : `${host}:8883`}`, credentials, api: null };
}

async function pem(option: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`--${option} ${file}: ${messageOf(error)}`, { cause: error });
  }
  if (!text.includes('-----BEGIN ')) throw new UserError(`--${option} ${file}: no PEM file (it has no "-----BEGIN" line)`);
  return text;
}
