-- params: first arrival day, last arrival day, event day, event day, generation, event day, generation
-- What validation compares: rows of the event day in each raw object (`name`), in raw as a whole, in the curated generation, and those of it
-- that daily figures count.
select
  case when grouping(object) = 0 then 'object' else 'raw' end as what,
  object as name,
  count(*) as row_count,
  count(distinct event_id) as distinct_ids,
  min(event_ms) as min_event_ms,
  max(event_ms) as max_event_ms
from raw_trades
where dt between cast(? as date) and cast(? as date) and event_day = ?
group by grouping sets ((object), ())
union all
select 'curated', cast(null as varchar), count(*), count(distinct event_id), min(event_ms), max(event_ms)
from curated_trades
where day = ? and gen = ?
union all
select 'counted', cast(null as varchar), count(*), count(distinct event_id), min(event_ms), max(event_ms)
from curated_trades
where day = ? and gen = ? and size > 0e0
