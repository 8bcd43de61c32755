-- params: first arrival day, last arrival day, event day, first arrival day, last arrival day, event day, event day, generation
-- What validation compares: rows of the event day in each raw object (`name`, by where it lies: a copy of an object is another one), in raw as a
-- whole, and in the curated generation. Ids are counted where they are compared.
select 'object' as what, name, count(*) as row_count, cast(null as bigint) as distinct_ids, min(event_ms) as min_event_ms, max(event_ms) as max_event_ms
from (
  select substr("$path", strpos("$path", '/raw/') + 1) as name, event_ms
  from raw_readings
  where dt between cast(? as date) and cast(? as date) and event_day = ?
) objects
group by name
union all
select 'raw', cast(null as varchar), count(*), count(distinct event_id), min(event_ms), max(event_ms)
from raw_readings
where dt between cast(? as date) and cast(? as date) and event_day = ?
union all
select 'curated', cast(null as varchar), count(*), count(distinct event_id), min(event_ms), max(event_ms)
from curated_readings
where day = ? and gen = ?
