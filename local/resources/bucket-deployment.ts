import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LocalContext } from './context.ts';
import type { ResourceType } from './resource-type.ts';

/** Content types by extension, as `aws s3 sync` gives them; it knows more, a dashboard has no other files. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/vnd.microsoft.icon',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};
const UNKNOWN_CONTENT = 'application/octet-stream';

/** Files of an asset folder by their keys. */
function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file).split(path.sep).join('/'), file];
    }),
  );
}

/** Removes what lies under the prefix and is not among `kept`. */
async function prune({ s3 }: LocalContext, bucket: string, prefix: string, kept: ReadonlySet<string>): Promise<void> {
  let startAfter: string | null = '';
  while (startAfter !== null) {
    const page: Awaited<ReturnType<typeof s3.listObjects>> = await s3.listObjects(bucket, { prefix, startAfter });
    for (const { key } of page.objects) if (!kept.has(key)) await s3.deleteObject(bucket, key);
    startAfter = page.nextAfter;
  }
}

export const BUCKET_DEPLOYMENT: ResourceType = {
  type: 'Custom::CDKBucketDeployment',
  properties: {
    ServiceToken: 'the runtime copies the files itself',
    SourceBucketNames: 'assets lie in the assembly',
    SourceObjectKeys: true,
    DestinationBucketName: true,
    DestinationBucketKeyPrefix: true,
    Prune: true,
    SystemMetadata: { 'cache-control': true },
    RetainOnDelete: 'the local runtime deletes no stack',
    WaitForDistributionInvalidation: 'the local front caches nothing',
    OutputObjectKeys: 'nobody reads them',
  },
  async create(context, resource) {
    const { properties, where, assembly } = resource;
    const bucket = properties.text('DestinationBucketName');
    const prefix = (properties.optionalText('DestinationBucketKeyPrefix') ?? '').replace(/^\/+/, '').replace(/([^/])$/, '$1/');
    const cacheControl = properties.optionalObject('SystemMetadata')?.optionalText('cache-control');
    const written = new Set<string>();
    for (const objectKey of properties.texts('SourceObjectKeys')) {
      const folder = assembly.assetPaths.get(objectKey);
      if (folder === undefined || !statSync(folder).isDirectory()) {
        throw new Error(`${where}: its source ${objectKey} is no folder of this assembly`);
      }
      for (const [name, file] of filesOf(folder)) {
        const contentType = CONTENT_TYPES[path.extname(name).toLowerCase()] ?? UNKNOWN_CONTENT;
        await context.s3.putObject(bucket, prefix + name, readFileSync(file), { contentType, cacheControl });
        written.add(prefix + name);
      }
    }
    if (properties.values['Prune'] === undefined || properties.flag('Prune')) await prune(context, bucket, prefix, written);
    return { ref: resource.logicalId, attributes: {} };
  },
};
