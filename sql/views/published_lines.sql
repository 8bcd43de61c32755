-- What counts: one line a published day, and for all other days one line a day of the month, with the published days that share it and the
-- first arrival day that raw is needed from. `published` is scanned once, whole, and a view that merges both sides joins every row with one of
-- these lines: whichever content of it a query reads, no day is missing, counted twice or mixed of two generations. That holds for one scan: a
-- query that names two of the merged views may see two contents.
-- Raw rows are joined by the day of the month, so that each carries a dozen published days a year with it and not all of them.
select
  source,
  side_day,
  side_gen,
  revision,
  -- A row of a generation has no arrival day: it stands behind every bound.
  case when side_gen = 'speed' then coalesce(max(since) over (partition by source), date '1970-01-01') else date '9999-12-31' end as since,
  array_agg(day) over (partition by source, day_of_month) as published_days
from (
  select source, day as side_day, gen as side_gen, revision, day, substr(day, 9, 2) as day_of_month, cast(since as date) as since
  from published
  union all
  -- Also before the first run of the batch, when nothing is published.
  select source, day_of_month, 'speed', 0, cast(null as varchar), day_of_month, cast(null as date)
  from (values ('trades'), ('readings')) sources(source)
  cross join (
    values
      ('01'), ('02'), ('03'), ('04'), ('05'), ('06'), ('07'), ('08'), ('09'), ('10'), ('11'),
      ('12'), ('13'), ('14'), ('15'), ('16'), ('17'), ('18'), ('19'), ('20'), ('21'), ('22'),
      ('23'), ('24'), ('25'), ('26'), ('27'), ('28'), ('29'), ('30'), ('31')
  ) days(day_of_month)
) lines
