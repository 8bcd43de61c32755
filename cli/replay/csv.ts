/** Comma-separated lines, with quoted fields where a field needs it. */

/** The fields of one line; `"a ""b"", c"` is the one field `a "b", c`. Throws when a quote is not closed. */
export function fieldsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const at = field.lastIndex;
    const match = field.exec(line);
    if (!match) throw new Error(`the field at character ${at + 1} has a quote that is not closed or not at its edge`);
    fields.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}

/** The lines of a text, without their ends and without a byte order mark. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
}
