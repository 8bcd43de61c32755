/** MQTT topic filters: `+` stands for one level, `#` at the end for the rest (MQTT 3.1.1, section 4.7). */

/** Compiles a filter. Throws when it is empty, when `#` is not last or when a wildcard shares its level with other characters. */
export function compileTopicFilter(filter: string): (topic: string) => boolean {
  const levels = filter.split('/');
  if (filter === '') throw new Error('a topic filter must not be empty');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      throw new Error(`topic filter "${filter}": # stands alone in the last level`);
    }
    if (level.includes('+') && level !== '+') throw new Error(`topic filter "${filter}": + stands alone in its level`);
  }
  const startsWithWildcard = levels[0] === '+' || levels[0] === '#';
  return (topic) => {
    // Topics of the system are not among those that a wildcard means.
    if (startsWithWildcard && topic.startsWith('$')) return false;
    const parts = topic.split('/');
    for (const [index, level] of levels.entries()) {
      if (level === '#') return true;
      if (parts[index] === undefined || (level !== '+' && level !== parts[index])) return false;
    }
    return parts.length === levels.length;
  };
}
