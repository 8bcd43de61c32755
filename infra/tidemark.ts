/** Tidemark as CDK stacks: what app.ts synthesizes and the template tests look at. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations, App, type AppProps, DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import type { CodeFolders } from './bundle.ts';
import { configOf, isTrue } from './context.ts';
import { AppStack } from './stacks/app.ts';
import { DataStack } from './stacks/data.ts';

/** Context of cdk.json in `root` (the feature flags). The cdk command reads it; whoever runs without it must read it too. */
export function projectContext(root: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, 'cdk.json'), 'utf8')).context;
}

/**
 * Builds the stacks as the context says: `config`, `stage`, `tidemark:fast`, `tidemark:destroyData`.
 * Context from the environment (CDK_CONTEXT_JSON) wins over `props.context`. Throws a ConfigError.
 */
export function tidemark(root: string, code: CodeFolders, props: AppProps = {}): App {
  const context = { ...projectContext(root), ...props.context };
  // An App wants to know this before it can be asked for its context.
  const fromEnvironment = JSON.parse(process.env['CDK_CONTEXT_JSON'] ?? '{}');
  const fast = isTrue({ ...context, ...fromEnvironment }['tidemark:fast']);
  const app = new App({
    ...props,
    context,
    analyticsReporting: false,
    ...(fast && { treeMetadata: false, builtinCloudFormationValidation: false }),
  });
  const given = (name: string): unknown => app.node.tryGetContext(name);
  const config = configOf(given, root);
  const destroyData = config.dataRemoval === 'destroy' && isTrue(given('tidemark:destroyData'));

  const common = (part: string) => ({
    stackName: `tidemark-${config.stage}-${part}`,
    tags: { application: 'tidemark', stage: config.stage },
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
  const data = new DataStack(app, 'TidemarkData', {
    ...common('data'),
    description: 'Tidemark: streams, tables, data bucket',
    config,
    destroyData,
  });
  new AppStack(app, 'TidemarkApp', { ...common('app'), description: 'Tidemark: everything that holds no data', config, code, data });
  if (config.dataRemoval === 'destroy' && !destroyData) {
    Annotations.of(data).addWarningV2(
      'tidemark:dataRemoval',
      "data is kept: dataRemoval 'destroy' needs -c tidemark:destroyData=true as well",
    );
  }
  return app;
}
