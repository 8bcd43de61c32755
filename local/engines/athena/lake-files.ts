/** Which files a table of the catalogue consists of, and where in their paths the values of its partition keys stand. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { GlueCatalog, GlueTable } from '../glue/catalog.ts';
import type { S3Engine } from '../s3/engine.ts';
import { QueryFailure } from './query-failure.ts';

export interface LakeFiles {
  readonly paths: readonly string[];
  /** Of all of them together. */
  readonly bytes: number;
  /** Where the values of the partition keys stand, by key. */
  readonly places: ReadonlyMap<string, KeyPlace>;
}

/** A value within a path. */
export interface KeyPlace {
  /** Which of the names between the slashes, from 1; before the first slash of an absolute path is one too. */
  readonly name: number;
  /** Its first character in that name, from 1; it reaches to the end. */
  readonly from: number;
}

const KEY = /\$\{([^}]+)\}/g;
/** A name with the value of a key at its end. */
const SEGMENT = /^([^$]*)\$\{([^}]+)\}$/;
const SCHEME = /^s3:\/\/([^/]+)\/?(.*)$/;

export interface S3Location {
  readonly bucket: string;
  /** Without a slash at the end. */
  readonly prefix: string;
}

/** @throws QueryFailure for what is no `s3://bucket/…` */
export function parseLocation(location: string): S3Location {
  const match = SCHEME.exec(location);
  if (!match) throw new QueryFailure('INVALID_TABLE_PROPERTY', `not an S3 location: ${location}`);
  return { bucket: match[1] as string, prefix: (match[2] as string).replace(/\/+$/, '') };
}

/** The files of a table: of its registered partitions, of the folders that its projection matches, or all below its location. */
export function lakeFiles(table: GlueTable, catalog: GlueCatalog, s3: S3Engine): LakeFiles {
  const keys = (table.PartitionKeys ?? []).map(({ Name }) => Name.toLowerCase());
  const location = table.StorageDescriptor?.Location ?? '';
  const found: Found = { paths: [], bytes: 0 };
  if (keys.length === 0) {
    const folder = folderOf(location, s3);
    collect(folder, found);
    return { ...found, places: new Map() };
  }
  const template = templateOf(table, keys, location);
  const places = keyPlaces(template, keys, s3);
  if (table.Parameters?.['projection.enabled'] === 'true') walk(template, table, s3, found);
  else {
    for (const partition of catalog.partitions(table)) {
      const hive = keys.map((key, index) => `${key}=${partition.Values[index]}`).join('/');
      const place = (partition.StorageDescriptor?.Location ?? `${location.replace(/\/+$/, '')}/${hive}`).replace(/\/+$/, '');
      if (!matches(template, place, keys, partition.Values)) {
        throw new QueryFailure(
          'NOT_SUPPORTED',
          `the local Athena reads partitions below their table as ${keys.map((key) => `${key}=…`).join('/')}; ${partition.Values.join('/')} of ${table.Name} lies at ${place}`,
        );
      }
      collect(folderOf(place, s3), found);
    }
  }
  return { ...found, places };
}

interface Found {
  readonly paths: string[];
  bytes: number;
}

function templateOf(table: GlueTable, keys: readonly string[], location: string): string {
  const projected = table.Parameters?.['projection.enabled'] === 'true' ? table.Parameters['storage.location.template'] : undefined;
  return (projected ?? [location.replace(/\/+$/, ''), ...keys.map((key) => `${key}=\${${key}}`)].join('/')).replace(/\/+$/, '');
}

function folderOf(location: string, s3: S3Engine): string {
  const { bucket, prefix } = parseLocation(location);
  return join(s3.bucketFolder(bucket), prefix);
}

function keyPlaces(template: string, keys: readonly string[], s3: S3Engine): Map<string, KeyPlace> {
  const places = new Map<string, KeyPlace>();
  for (const [index, name] of folderOf(template, s3).split('/').entries()) {
    const [, before = '', key = ''] = SEGMENT.exec(name) ?? [];
    if (key !== '') places.set(key, { name: index + 1, from: before.length + 1 });
    else if (name.includes('${'))
      throw new QueryFailure('NOT_SUPPORTED', `the local Athena knows no folders named ${name}, only name=\${key}`);
  }
  const missing = keys.find((key) => !places.has(key));
  if (missing !== undefined) throw new QueryFailure('INVALID_TABLE_PROPERTY', `storage.location.template ${template} lacks \${${missing}}`);
  return places;
}

function matches(template: string, place: string, keys: readonly string[], values: readonly string[]): boolean {
  const filled = template.replace(KEY, (_, key: string) => values[keys.indexOf(key)] ?? '');
  return filled === place;
}

/** Descends only into folders that the template names, with values that the projection's types allow; ranges are not asked. */
function walk(template: string, table: GlueTable, s3: S3Engine, found: Found): void {
  const { bucket, prefix } = parseLocation(template);
  const descend = (folder: string, segments: readonly string[]): void => {
    const [segment, ...rest] = segments;
    if (segment === undefined) {
      collect(folder, found);
      return;
    }
    if (!segment.includes('${')) {
      descend(join(folder, segment), rest);
      return;
    }
    const [, before = '', key = ''] = SEGMENT.exec(segment) ?? [];
    for (const entry of entriesOf(folder)) {
      if (!entry.isDirectory() || !entry.name.startsWith(before)) continue;
      if (isProjected(table, key, entry.name.slice(before.length))) descend(join(folder, entry.name), rest);
    }
  };
  descend(s3.bucketFolder(bucket), prefix.split('/'));
}

const DATE_FORMAT: ReadonlyMap<string, RegExp> = new Map([
  ['yyyy-MM-dd', /^\d{4}-\d{2}-\d{2}$/],
  ['yyyyMMdd', /^\d{8}$/],
]);

function isProjected(table: GlueTable, key: string, value: string): boolean {
  const property = (name: string): string | undefined => table.Parameters?.[`projection.${key}.${name}`];
  switch (property('type')) {
    case 'injected':
      return value !== '';
    case 'enum':
      return (property('values') ?? '')
        .split(',')
        .map((one) => one.trim())
        .includes(value);
    case 'integer': {
      const digits = property('digits');
      return /^-?\d+$/.test(value) && (digits === undefined || value.length === Number(digits));
    }
    case 'date': {
      const format = DATE_FORMAT.get(property('format') ?? '');
      if (format === undefined)
        throw new QueryFailure('NOT_SUPPORTED', `the local Athena knows no date format ${property('format')} of projection.${key}`);
      return format.test(value);
    }
    default:
      throw new QueryFailure('INVALID_TABLE_PROPERTY', `Table ${table.DatabaseName}.${table.Name} has no projection for its column ${key}`);
  }
}

/** All files below a folder, except those that Athena takes for hidden. */
function collect(folder: string, found: Found): void {
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.') || entry.name.startsWith('_')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) collect(path, found);
    else if (entry.isFile()) {
      // Removed since the folder was listed: as if it had never been there.
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) continue;
      found.paths.push(path);
      found.bytes += size;
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
