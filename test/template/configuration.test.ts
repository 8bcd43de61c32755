import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../infra/config.ts';
import { DISTINCT, type Json, type Synthesis, synthesize } from './assembly.ts';

const before = synthesize();

/** Every place where a synthesis differs from that of DISTINCT, with its value: `SpeedTradesMapping.Properties.BatchSize`. */
function changes(after: Pick<Synthesis, 'resources'>): Record<string, Json | undefined> {
  const found: Record<string, Json | undefined> = {};
  const compare = (place: string, from: Json | undefined, to: Json | undefined): void => {
    if (JSON.stringify(from) === JSON.stringify(to)) return;
    const inner = [from, to].every((value) => value !== null && typeof value === 'object');
    if (!inner) {
      found[place.replace('.Properties.', '.')] = to;
      return;
    }
    const [left, right] = [from, to] as Record<string, Json>[];
    for (const name of new Set([...Object.keys(left!), ...Object.keys(right!)])) compare(`${place}.${name}`, left![name], right![name]);
  };
  for (const name of new Set([...before.resources.keys(), ...after.resources.keys()])) {
    compare(name, before.resources.get(name) as unknown as Json, after.resources.get(name) as unknown as Json);
  }
  return found;
}

const VIEW = /^\/\* Presto View: (.*) \*\/$/;

/** What DISTINCT makes, with the name of the stage in every text replaced. A view's text is in base64. */
function renamed(stage: string): Pick<Synthesis, 'resources'> {
  const rename = (text: string): string => {
    const [, view] = VIEW.exec(text) ?? [];
    if (view !== undefined) return `/* Presto View: ${Buffer.from(rename(Buffer.from(view, 'base64').toString())).toString('base64')} */`;
    return text.replaceAll(/(?<=tidemark[_-]?|stage )test/g, stage);
  };
  const written = JSON.stringify([...before.resources], (_, value) => (typeof value === 'string' ? rename(value) : value));
  return { resources: new Map(JSON.parse(written)) };
}

/** Paths of all values in a configuration; what a list or the profiles hold has one path for all its elements. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && typeof value[0] === 'object') return fieldsOf(value[0], `${path}[]`);
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    fieldsOf(inner, path === 'profiles' ? 'profiles.*' : (path && `${path}.${name}`) || name),
  );
}

interface Case {
  /** DISTINCT with this field changed. */
  readonly flipped: object;
  /** Documented effect: exactly these places of the templates change, to these values. */
  readonly effect: Record<string, unknown>;
}

const SETTINGS_OF = ['Speed', 'Archive', 'Serve', 'Batch'].map((part) => `${part}HandlerFunction.Environment.Variables.SETTINGS`);

/** A field of Settings reaches the four functions that read them, and nothing else. */
function settings(flipped: object): Case {
  const { trades, readings, clockSkewMs, speedRetentionDays, profiles, sensors } = resolveConfig({ ...DISTINCT, ...flipped });
  const text = JSON.stringify({ trades, readings, clockSkewMs, speedRetentionDays, profiles, sensors });
  return { flipped: { ...DISTINCT, ...flipped }, effect: Object.fromEntries(SETTINGS_OF.map((place) => [place, text])) };
}

const windows = (source: 'trades' | 'readings', field: string, value: number): Case =>
  settings({ [source]: { ...DISTINCT[source], [field]: value } });
const cellar = (field: string, value: number): Case => settings({ profiles: { cellar: { ...DISTINCT.profiles.cellar, [field]: value } } });
const sensor = (field: string, value: string): Case => settings({ sensors: [{ ...DISTINCT.sensors[0], [field]: value }] });
const archiveMappings = ['Trades', 'Readings', 'Alerts'].map((stream) => `Archive${stream}Mapping`);
const shards = (stream: 'trades' | 'readings' | 'alerts', effect: Record<string, number>): Case => ({
  flipped: { ...DISTINCT, shards: { ...DISTINCT.shards, [stream]: 11 } },
  effect,
});
const RESERVED = 'HandlerFunction.ReservedConcurrentExecutions';

const CASES: Readonly<Record<string, Case>> = {
  stage: {
    flipped: { ...DISTINCT, stage: 'other' },
    effect: {
      ...changes(renamed('other')),
      // CDK makes a part of these names from the stack's.
      'DashboardHeaders.ResponseHeadersPolicyConfig.Name': expect.stringContaining('tidemarkother'),
      'DashboardDistributionOrigin1S3OriginAccessControl.OriginAccessControlConfig.Name': expect.stringContaining('tidemarkother'),
    },
  },
  'shards.trades': shards('trades', { 'TradesStream.ShardCount': 11, [`Speed${RESERVED}`]: 16, [`Archive${RESERVED}`]: 23 }),
  'shards.readings': shards('readings', { 'ReadingsStream.ShardCount': 11, [`Speed${RESERVED}`]: 14, [`Archive${RESERVED}`]: 21 }),
  'shards.alerts': shards('alerts', { 'AlertsStream.ShardCount': 11, [`Archive${RESERVED}`]: 19 }),
  streamRetentionHours: {
    flipped: { ...DISTINCT, streamRetentionHours: 99 },
    effect: Object.fromEntries(['Trades', 'Readings', 'Alerts'].map((name) => [`${name}Stream.RetentionPeriodHours`, 99])),
  },
  symbols: {
    flipped: { ...DISTINCT, symbols: ['OANDA:EUR_USD'] },
    effect: { 'FeedTask.ContainerDefinitions.0.Environment.3.Value': 'OANDA:EUR_USD' },
  },
  'trades.windowMs': windows('trades', 'windowMs', 180_000),
  'trades.graceMs': windows('trades', 'graceMs', 1),
  'trades.latenessMs': windows('trades', 'latenessMs', 1),
  'trades.idleMs': windows('trades', 'idleMs', 1_001),
  'readings.windowMs': windows('readings', 'windowMs', 900_000),
  'readings.graceMs': windows('readings', 'graceMs', 1),
  'readings.latenessMs': windows('readings', 'latenessMs', 1),
  'readings.idleMs': windows('readings', 'idleMs', 1_001),
  clockSkewMs: settings({ clockSkewMs: 1 }),
  speedRetentionDays: settings({ speedRetentionDays: 21 }),
  'profiles.*.temperatureMinC': cellar('temperatureMinC', -22),
  'profiles.*.temperatureMaxC': cellar('temperatureMaxC', 62),
  'profiles.*.humidityMinPct': cellar('humidityMinPct', 3),
  'profiles.*.humidityMaxPct': cellar('humidityMaxPct', 97),
  'profiles.*.highC': cellar('highC', 15),
  'profiles.*.criticalC': cellar('criticalC', 19),
  'profiles.*.hysteresisC': cellar('hysteresisC', 0.75),
  'profiles.*.expectedIntervalMs': cellar('expectedIntervalMs', 90_000),
  'sensors[].match': sensor('match', 'attic-*'),
  'sensors[].profile': sensor('profile', 'industrial'),
  'sensors[].zone': sensor('zone', 'Asia/Tokyo'),
  'api.auth': { flipped: { ...DISTINCT, api: { auth: 'none' } }, effect: { 'ServeApiGETv1proxy.AuthorizationType': 'NONE' } },
  'archive.batchingWindowSeconds': {
    flipped: { ...DISTINCT, archive: { batchingWindowSeconds: 44 } },
    effect: Object.fromEntries(archiveMappings.map((mapping) => [`${mapping}.MaximumBatchingWindowInSeconds`, 44])),
  },
  'batch.parallelDays': {
    flipped: { ...DISTINCT, batch: { parallelDays: 7 } },
    effect: { 'BatchDaily.DefinitionString': expect.stringContaining('"MaxConcurrency":7'), [`Batch${RESERVED}`]: 8 },
  },
};

describe('configuration', () => {
  it('has a case here for each of its fields', () => {
    const fields = [...new Set(fieldsOf(resolveConfig(DISTINCT)))].map((field) => field.replace(/^profiles\.\*\..*?\./, 'profiles.*.'));
    expect([...new Set(fields)].sort()).toEqual([...Object.keys(CASES), 'dataRemoval'].sort());
  });

  it.each(Object.entries(CASES))('%s changes exactly what it is documented to change', (_, { flipped, effect }) => {
    expect(changes(synthesize(flipped))).toEqual(effect);
  });

  it('stage names the stacks', () => {
    expect(synthesize({ stage: 'blue' }).stackNames.toSorted()).toEqual(['tidemark-blue-app', 'tidemark-blue-data']);
  });

  it('archive.batchingWindowSeconds is short at stage local only', () => {
    const windowAt = (stage: string): unknown =>
      synthesize({ stage }).resources.get('ArchiveTradesMapping')?.Properties?.['MaximumBatchingWindowInSeconds'];
    expect([windowAt('local'), windowAt('dev')]).toEqual([10, 60]);
  });

  describe('dataRemoval', () => {
    const destroy = { ...DISTINCT, dataRemoval: 'destroy' };
    const held = [
      'TradesStream',
      'ReadingsStream',
      'AlertsStream',
      'StateTable',
      'WindowTable',
      'AlarmTable',
      'ArchiveIndexTable',
      'LeaseTable',
      'DayTable',
      'BatchTable',
      'DataBucket',
      'FeedToken',
    ];
    const removed = (name: string): [string, string][] => [
      [`${name}.DeletionPolicy`, 'Delete'],
      [`${name}.UpdateReplacePolicy`, 'Delete'],
    ];

    it('destroys data with its stack when configuration and context both say so', () => {
      const after = synthesize(destroy, { 'tidemark:destroyData': true });
      expect(changes(after)).toEqual(
        Object.fromEntries([
          ...held.flatMap(removed),
          ...held.filter((name) => name.endsWith('Table')).map((name) => [`${name}.DeletionProtectionEnabled`, false]),
        ]),
      );
      expect(after.warnings).toEqual([]);
    });

    it('keeps data, and says so, when only the configuration asks', () => {
      const after = synthesize(destroy);
      expect(changes(after)).toEqual({});
      expect(after.warnings).toEqual([expect.stringContaining('needs -c tidemark:destroyData=true')]);
    });

    it('keeps data when only the context asks', () => {
      expect(changes(synthesize(DISTINCT, { 'tidemark:destroyData': 'true' }))).toEqual({});
    });
  });
});
