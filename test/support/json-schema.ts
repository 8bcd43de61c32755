/** Says where a value breaks a JSON schema, for the keywords our OpenAPI document uses; any other keyword is an error. */
type Schema = Readonly<Record<string, unknown>>;

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
const FORMATS: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
};

/** The violations of `schema` in `value`, empty when there are none; `$ref` looks into `components.schemas`. */
export function violations(value: unknown, schema: Schema, components: Readonly<Record<string, Schema>>, at = '$'): string[] {
  const nested = (inner: unknown, part: Schema, step: string) => violations(inner, part, components, `${at}${step}`);
  return Object.entries(schema).flatMap(([keyword, rule]): string[] => {
    const broken = (ok: boolean) => (ok ? [] : [`${at}: ${JSON.stringify(value)} breaks ${keyword} ${JSON.stringify(rule)}`]);
    const fields = TYPES['object']!(value) ? (value as Record<string, unknown>) : {};
    switch (keyword) {
      case 'description':
        return [];
      case '$ref':
        return nested(value, components[String(rule).replace('#/components/schemas/', '')]!, '');
      case 'type':
        return broken([rule].flat().some((type) => TYPES[String(type)]!(value)));
      case 'anyOf':
        return broken((rule as Schema[]).some((option) => nested(value, option, '').length === 0));
      case 'enum':
        return broken((rule as unknown[]).includes(value));
      case 'const':
        return broken(value === rule);
      case 'minimum':
        return broken(Number(value) >= Number(rule));
      case 'format':
        return broken(FORMATS[String(rule)]!.test(String(value)));
      case 'items':
        return (value as unknown[]).flatMap((item, index) => nested(item, rule as Schema, `[${index}]`));
      case 'required':
        return (rule as string[]).filter((name) => !(name in fields)).map((name) => `${at}.${name} is missing`);
      case 'properties':
        return Object.entries(rule as Record<string, Schema>).flatMap(([name, part]) =>
          name in fields ? nested(fields[name], part, `.${name}`) : [],
        );
      case 'additionalProperties': {
        const others = Object.keys(fields).filter((name) => !(name in ((schema['properties'] as object) ?? {})));
        if (rule === false) return others.map((name) => `${at}.${name} is not in the schema`);
        return others.flatMap((name) => nested(fields[name], rule as Schema, `.${name}`));
      }
      default:
        return [`${at}: keyword ${keyword} is not known here`];
    }
  });
}
