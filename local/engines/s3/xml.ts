/** The little XML that S3 speaks. */

/** Elements by their names; null and undefined are left out, a list repeats its element. */
export interface XmlContent {
  readonly [name: string]: string | number | boolean | null | undefined | XmlContent | readonly (string | XmlContent)[];
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document with one root element. */
export function xmlDocument(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${elements(content)}</${root}>`;
}

function elements(content: XmlContent): string {
  let text = '';
  for (const [name, value] of Object.entries(content)) {
    for (const item of Array.isArray(value)
      ? (value as readonly (string | XmlContent)[])
      : [value as string | XmlContent | null | undefined]) {
      if (item === null || item === undefined) continue;
      text += `<${name}>${typeof item === 'object' ? elements(item) : escapeXml(String(item))}</${name}>`;
    }
  }
  return text;
}

/** Control characters are written as references, so that a reader gets the very same key back. */
function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** The contents of each `<name>` element, in order; they do not nest in what clients send. */
export function xmlElements(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, content]) => content as string);
}

/** The text of the first `<name>` element, undefined where there is none. */
export function xmlText(document: string, name: string): string | undefined {
  const [content] = xmlElements(document, name);
  return content === undefined ? undefined : unescapeXml(content);
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]+|#\d+|[a-z]+);/g, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number.parseInt(entity.slice(1), 10));
    return NAMED_ENTITIES[entity] ?? whole;
  });
}
