-- One line a published day, and one a source, '*', for all other days: it knows the published ones, and the first arrival day that their raw
-- rows have. `published` is scanned once, whole, and a view that merges both sides joins every row with these lines once: whichever content
-- of it a query reads, no day is missing, counted twice or mixed of two generations. That holds for one scan: a query that names two of the
-- merged views may see two contents.
select
  source,
  case when grouping(day) = 1 then '*' else day end as side_day,
  case when grouping(day) = 1 then 'speed' else gen end as side_gen,
  case when grouping(day) = 1 then 0 else max(revision) end as revision,
  -- A row of a generation has no arrival day: it stands behind every bound.
  case when grouping(day) = 1 then coalesce(cast(max(since) as date), date '1970-01-01') else date '9999-12-31' end as since,
  array_agg(day) as published_days
from (
  select source, day, gen, revision, since from published
  union all
  -- Before the first run of the batch there is nothing in it, and no day is published.
  select 'trades', '*', 'speed', 0, cast(null as varchar)
  union all
  select 'readings', '*', 'speed', 0, cast(null as varchar)
) published_or_not
group by grouping sets ((source, day, gen), (source))
having grouping(day) = 1 or day <> '*'
