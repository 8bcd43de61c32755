/** Tidemark on one machine: synthesizes the template, makes its resources exist, and feeds them. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { startFleet } from '../../device-sim/fleet.ts';
import type { EventClock } from '../engines/event-clock.ts';
import { startBroker } from '../engines/iot/broker.ts';
import { liveDoor } from '../engines/iot/live-door.ts';
import { REAL_LOCAL_CLOCK } from '../engines/local-clock.ts';
import { RESOURCE_TYPES } from '../resources/catalog.ts';
import { type LocalContext, newContext } from '../resources/context.ts';
import { WITHOUT_LOCAL_EFFECT } from '../resources/without-effect.ts';
import { loadAssembly } from '../template/assembly.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { ACCOUNT_ID, type Engines, REGION, serviceEnvironmentOf, startEngines } from './engines.ts';
import { frontContentOf, startFront } from './front.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { openRunLog, type RunLog } from './run-log.ts';
import { createResources } from './run-template.ts';
import { openSensors } from './sensors.ts';
import { synthesize } from './synth.ts';

export interface TidemarkOptions {
  /** Of page and API on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Where everything is kept; null: in memory and a temporary folder. */
  readonly dataFolder: string | null;
  /** Of the simulated sensors and market. */
  readonly seed: number;
  /** Simulated sensors, 0 to 1000. */
  readonly sensorCount: number;
  /** False: no simulated sensors and no simulated market. */
  readonly simulate: boolean;
  /** Fields of infra/config.ts that differ from their defaults; not with `assemblyFolder`. */
  readonly config?: object;
  /** Shows one line to the person. */
  readonly log: (line: string) => void;
  /** Runs this cloud assembly in place of the project's own. */
  readonly assemblyFolder?: string;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
  /** Token of the real market. @default FINNHUB_TOKEN of the environment */
  readonly finnhubToken?: string;
  /** Gives functions and containers other URLs than the services' own: a test puts a network that fails between them. */
  readonly serviceUrls?: (own: Engines['urls']) => Promise<Engines['urls']>;
  /** Event time: everything but log, limits and stopping goes by this clock, and nothing simulated or real is connected. @default the machine's */
  readonly clock?: EventClock;
}

/** What commands need to find a running instance: runtime.json. */
export interface RuntimeDescription {
  readonly pid: number;
  /** `http://127.0.0.1:<port>`. */
  readonly api: string;
  readonly mqtt: string;
  readonly mqtt_ws: string;
  readonly region: string;
  readonly aws: Engines['urls'];
}

export interface Tidemark {
  readonly url: string;
  readonly runtime: RuntimeDescription;
  /**
   * Resolves when a service ended by itself, because the disk is full, say. Nothing is lost, but nothing goes on either, and what
   * functions try in vain would be given up one day: the runtime has to be stopped and started again.
   */
  readonly failed: Promise<Error>;
  /** The engines, for a source in the same process. */
  readonly context: LocalContext;
  /** Stops sources, consumers and servers, in this order; what is kept is complete afterwards. */
  stop(): Promise<void>;
}

const RUNTIME_FILE = 'runtime.json';
const LOG_FILE = 'tidemark.log';

async function contextOf(
  options: TidemarkOptions,
  engines: Engines,
  pageUrl: string,
  folder: DataFolder,
  log: RunLog,
): Promise<LocalContext> {
  const { clock } = options;
  const finnhubToken = clock ? undefined : (options.finnhubToken ?? (process.env['FINNHUB_TOKEN'] || undefined));
  const urls = (await options.serviceUrls?.(engines.urls)) ?? engines.urls;
  return newContext({
    clock: clock ?? REAL_LOCAL_CLOCK,
    wallClock: REAL_CLOCK,
    region: REGION,
    accountId: ACCOUNT_ID,
    ...engines,
    pageUrl,
    serviceEnvironment: serviceEnvironmentOf(urls, pageUrl),
    log,
    sensors: openSensors(folder),
    sources: { simulate: options.simulate && !clock, seed: options.seed, finnhubToken },
  });
}

async function run(
  options: TidemarkOptions,
  folder: DataFolder,
  log: RunLog,
  lifecycle: Lifecycle,
  onFailure: (error: Error) => void,
): Promise<{ runtime: RuntimeDescription; context: LocalContext }> {
  const { signal, seed, sensorCount, clock = REAL_LOCAL_CLOCK } = options;
  const front = await startFront(options.port);
  lifecycle.onStop('the HTTP server', () => front.close());
  const starting = {
    engines: startEngines(folder, clock, lifecycle, onFailure),
    assembly: options.assemblyFolder ?? synthesize(options.config ?? {}, REAL_CLOCK.now(), signal),
  };
  await Promise.allSettled(Object.values(starting));
  const engines = await starting.engines;
  const assembly = loadAssembly(path.resolve(await starting.assembly));
  signal?.throwIfAborted();

  const context = await contextOf(options, engines, front.url, folder, log);
  const template = await createResources(assembly, context, { types: RESOURCE_TYPES, withoutEffect: WITHOUT_LOCAL_EFFECT }, lifecycle);
  signal?.throwIfAborted();
  const logMqtt = (line: string): void => log.line('mqtt', line);
  const mqtt = await startBroker({
    port: 0,
    wsPort: 0,
    arnPrefix: `arn:aws:iot:${REGION}:${ACCOUNT_ID}`,
    policies: context.iot.policies,
    rules: context.iot.rules,
    clock,
    newTraceId: randomUUID,
    log: logMqtt,
  });
  lifecycle.onStop('the MQTT broker', () => mqtt.close());
  engines.dataPlane.attach(mqtt.publish);
  const runtime: RuntimeDescription = {
    pid: process.pid,
    api: front.url,
    mqtt: mqtt.url,
    mqtt_ws: mqtt.wsUrl,
    region: REGION,
    aws: engines.urls,
  };

  const upgrade = liveDoor({ sts: engines.sts, region: REGION, clock, connect: mqtt.connect, log: logMqtt });
  front.open(frontContentOf(context, () => runtime, upgrade));
  await template.start();
  signal?.throwIfAborted();
  if (context.sources.simulate && sensorCount > 0) {
    const fleet = startFleet({ mqttUrl: mqtt.url, seed, sensorCount, log: (line) => log.line('device-sim', line), clock: REAL_CLOCK });
    lifecycle.onStop('the simulated sensors', () => fleet.stop());
  }
  folder.writeJson(RUNTIME_FILE, runtime);
  lifecycle.onStop(RUNTIME_FILE, () => folder.remove(RUNTIME_FILE));
  return { runtime, context };
}

/**
 * Starts everything; resolves when it is ready. Throws, with nothing left behind, when the data folder or the port is in use,
 * when the infrastructure does not synthesize, and when the template has something the local runtime does not know.
 */
export async function startTidemark(options: TidemarkOptions): Promise<Tidemark> {
  const folder = openDataFolder(options.dataFolder);
  const log = openRunLog(path.join(folder.path, LOG_FILE), REAL_CLOCK, options.log);
  const lifecycle = createLifecycle((message) => log.error('stop', message));
  lifecycle.onStop('the data folder', () => folder.release());
  lifecycle.onStop('the log', () => log.close());
  try {
    const { promise: failed, resolve } = Promise.withResolvers<Error>();
    const onFailure = (error: Error): void => {
      log.line('engines', `ERROR ${error.message}`);
      resolve(error);
    };
    const { runtime, context } = await run(options, folder, log, lifecycle, onFailure);
    return { url: runtime.api, runtime, failed, context, stop: () => lifecycle.stop() };
  } catch (error) {
    log.line('start', error instanceof Error ? (error.stack ?? error.message) : String(error));
    await lifecycle.stop();
    throw error;
  }
}
