-- params: first arrival day, last arrival day, event day
-- Every reading of an event day once, for UNLOAD: of several copies the one that arrived first.
-- Copies are few, so that only they are sorted: a window over all rows takes three times as long (docs/performance.md).
with day_rows as (
  select event_id, event_ms, event_time, ingest_ms, ingest_time, sensor_id, temperature_c, humidity_pct, quality, boot, seq, lane, position
  from raw_readings
  where dt between cast(? as date) and cast(? as date) and event_day = ?
),
copied as (
  select event_id from day_rows group by event_id having count(*) > 1
)
select event_id, event_ms, event_time, ingest_ms, ingest_time, sensor_id, temperature_c, humidity_pct, quality, boot, seq, lane, position
from day_rows
where event_id not in (select event_id from copied)
union all
select event_id, event_ms, event_time, ingest_ms, ingest_time, sensor_id, temperature_c, humidity_pct, quality, boot, seq, lane, position
from (
  select day_rows.*, row_number() over (partition by event_id order by ingest_ms, lane, position) as copy_no
  from day_rows
  where event_id in (select event_id from copied)
) copies
where copy_no = 1
