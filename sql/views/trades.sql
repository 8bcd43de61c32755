-- Every trade once, price updates (size 0) too.
-- A day comes from its published generation, any other day from raw, each event once (see published_lines).
with both_sides as (
  select day as side_day, gen as side_gen, date '9999-12-31' as dt, day as event_day,
    event_id, event_ms, event_time, ingest_ms, ingest_time, symbol, price, size, conditions, quality, lane, position
  from curated_trades
  union all
  select substr(event_day, 9, 2), 'speed', dt, event_day,
    event_id, event_ms, event_time, ingest_ms, ingest_time, symbol, price, size, conditions, quality, lane, position
  from raw_trades
),
members as (
  select both_sides.*, lines.revision, row_number() over (partition by event_day, symbol, event_id order by ingest_ms, lane, position) as copy_no
  from both_sides
  join published_lines lines on lines.side_day = both_sides.side_day and lines.side_gen = both_sides.side_gen and both_sides.dt >= lines.since
  where lines.source = 'trades' and (both_sides.side_gen <> 'speed' or not coalesce(contains(lines.published_days, both_sides.event_day), false))
)
select
  event_id, event_ms, event_time, ingest_ms, ingest_time, event_day, symbol, price, size, conditions, quality,
  case when side_gen = 'speed' then 'speed' else 'batch' end as layer, revision
from members
where copy_no = 1
