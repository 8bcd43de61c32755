/** Functions that Trino has and DuckDB calls otherwise, as macros. Only what one expression can say; the rest is unknown here, and says so. */

const MYSQL_FORMAT = `replace(replace(replace(replace(replace(f, '%M', '%B'), '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S'), '%e', '%-d')`;

/** Statements that create them. */
export const TRINO_FUNCTIONS: readonly string[] = [
  'from_unixtime(s) as to_timestamp(s)',
  'to_unixtime(t) as epoch(t)',
  // DuckDB wants a constant format here: of MySQL's letters only those that strptime has too.
  'date_parse(s, f) as strptime(s, f)',
  'date(t) as cast(t as date)',
  `date_format(t, f) as strftime(t, ${MYSQL_FORMAT})`,
  `date_add(unit, n, t) as t + case lower(unit)
     when 'millisecond' then to_milliseconds(n) when 'second' then to_seconds(n) when 'minute' then to_minutes(n)
     when 'hour' then to_hours(n) when 'day' then to_days(cast(n as int)) when 'week' then to_weeks(cast(n as int))
     when 'month' then to_months(cast(n as int)) when 'quarter' then to_months(cast(3 * n as int)) when 'year' then to_years(cast(n as int))
     else error('not a unit of time: ' || unit) end`,
  `to_iso8601(t) as replace(case when typeof(t) = 'DATE' then strftime(t, '%Y-%m-%d')
     else strftime(t, '%Y-%m-%dT%H:%M:%S.%g') || case when typeof(t) = 'TIMESTAMP WITH TIME ZONE' then 'Z' else '' end end, ' ', 'T')`,
  'from_iso8601_timestamp(s) as cast(s as timestamp with time zone)',
  'from_iso8601_date(s) as cast(s as date)',
  'day_of_week(t) as isodow(t)',
  'day_of_month(t) as day(t)',
  'day_of_year(t) as dayofyear(t)',
  'approx_percentile(x, p) as approx_quantile(x, p)',
  'approx_distinct(x) as approx_count_distinct(x)',
  'cardinality(a) as len(a)',
  'element_at(a, i) as a[i]',
  'array_join(a, s) as array_to_string(a, s)',
  'sequence(a, b) as generate_series(a, b)',
  'json_extract_scalar(j, p) as json_extract_string(j, p)',
  'json_parse(s) as cast(s as json)',
  'json_format(j) as cast(j as varchar)',
  'regexp_like(s, p) as regexp_matches(s, p)',
  'to_utf8(s) as s',
  'to_hex(h) as upper(h)',
  `from_base(s, r) as case r when 16 then cast('0x' || s as bigint) when 10 then cast(s as bigint) else error('from_base of 10 and 16 only') end`,
  'truncate(x) as trunc(x)',
  'is_nan(x) as isnan(x)',
  'is_finite(x) as isfinite(x)',
  'is_infinite(x) as isinf(x)',
].map((definition) => `create macro ${definition}`);
