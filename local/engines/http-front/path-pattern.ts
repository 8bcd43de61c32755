/** Path patterns of a CloudFront behaviour. */

/** `*` matches any run of characters, also across levels, `?` exactly one; a leading slash may be left out. */
export function compilePathPattern(pattern: string): (path: string) => boolean {
  const absolute = pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`;
  const source = absolute
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const compiled = new RegExp(`^${source}$`, 's');
  return (path) => compiled.test(path);
}
