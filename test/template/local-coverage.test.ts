/** What the local runtime runs and what it leaves out, against the template: nothing unknown, and no list longer than it must be. */
import { describe, expect, it } from 'vitest';
import { RESOURCE_TYPES } from '../../local/resources/catalog.ts';
import { WITHOUT_LOCAL_EFFECT } from '../../local/resources/without-effect.ts';
import { synthesize } from './assembly.ts';

describe('the local runtime', () => {
  const types = new Set([...synthesize().resources.values()].map(({ Type }) => Type));

  it('knows every resource type of the template', () => {
    const known = new Set([...RESOURCE_TYPES.map(({ type }) => type), ...Object.keys(WITHOUT_LOCAL_EFFECT)]);
    expect([...types].filter((type) => !known.has(type))).toEqual([]);
  });

  it('leaves out only what the template has', () => {
    expect(Object.keys(WITHOUT_LOCAL_EFFECT).filter((type) => !types.has(type))).toEqual([]);
  });

  it('leaves out nothing that it also runs', () => {
    expect(RESOURCE_TYPES.map(({ type }) => type).filter((type) => type in WITHOUT_LOCAL_EFFECT)).toEqual([]);
  });
});
