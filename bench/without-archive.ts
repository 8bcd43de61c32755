/** A cloud assembly in which nothing reads the streams for the archive: to measure the speed layer alone. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: { readonly FunctionName?: { readonly Ref?: string } } }>;
}

/** Copies the assembly into the new folder `target`, without the mappings of the archive. Throws when it has none. */
export function copyWithoutArchive(assembly: string, target: string): void {
  cpSync(assembly, target, { recursive: true });
  let removed = 0;
  for (const name of readdirSync(target).filter((file) => file.endsWith('.template.json'))) {
    const file = path.join(target, name);
    const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::Lambda::EventSourceMapping' || !Properties.FunctionName?.Ref?.startsWith('Archive')) continue;
      delete template.Resources[id];
      removed++;
    }
    writeFileSync(file, JSON.stringify(template));
  }
  if (removed === 0) throw new Error(`the assembly ${assembly} has no event-source mapping of a function Archive…`);
}
