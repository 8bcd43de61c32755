-- Figures of each sensor and day, of trusted readings. Quality, minutes and completeness are known once the day is published.
-- A day comes from its published generation, any other day from raw, each event once (see published_lines).
with both_sides as (
  select day as side_day, gen as side_gen, date '9999-12-31' as dt, day as event_day, sensor_id, '' as event_id, 0 as ingest_ms, '' as lane, '' as position,
    reading_count, cast(null as bigint) as trusted, cast(null as double) as temperature_c, cast(null as double) as humidity_pct,
    temperature_c_mean, temperature_c_min, temperature_c_max, humidity_pct_mean, humidity_pct_min, humidity_pct_max,
    ok_count, nan_count, range_count, sentinel_count, bit_shift_count, minutes_high, minutes_critical, interval_count, expected_interval_count, completeness
  from curated_daily_sensor_stats
  union all
  -- A reading is a day of one reading; of one that is not trusted only its sensor counts.
  select substr(event_day, 9, 2), 'speed', dt, event_day, sensor_id, event_id, ingest_ms, lane, position,
    cast(null as bigint), case when quality = 'OK' then 1 end, case when quality = 'OK' then temperature_c end, case when quality = 'OK' then humidity_pct end,
    cast(null as double), case when quality = 'OK' then temperature_c end, case when quality = 'OK' then temperature_c end,
    cast(null as double), case when quality = 'OK' then humidity_pct end, case when quality = 'OK' then humidity_pct end,
    cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as double)
  from raw_readings
),
members as (
  select both_sides.*, lines.revision, row_number() over (partition by event_day, sensor_id, event_id order by ingest_ms, lane, position) as copy_no
  from both_sides
  join published_lines lines on lines.side_day = both_sides.side_day and lines.side_gen = both_sides.side_gen and both_sides.dt >= lines.since
  where lines.source = 'readings' and (both_sides.side_gen <> 'speed' or not coalesce(contains(lines.published_days, both_sides.event_day), false))
)
select
  event_day as day,
  sensor_id,
  coalesce(max(reading_count), count(trusted)) as reading_count,
  coalesce(
    max(temperature_c_mean),
    cast(sum(cast(temperature_c as decimal(38,12))) as double) / nullif(count(temperature_c), 0)
  ) as temperature_c_mean,
  min(temperature_c_min) as temperature_c_min,
  max(temperature_c_max) as temperature_c_max,
  coalesce(
    max(humidity_pct_mean),
    cast(sum(cast(humidity_pct as decimal(38,12))) as double) / nullif(count(humidity_pct), 0)
  ) as humidity_pct_mean,
  min(humidity_pct_min) as humidity_pct_min,
  max(humidity_pct_max) as humidity_pct_max,
  max(ok_count) as ok_count,
  max(nan_count) as nan_count,
  max(range_count) as range_count,
  max(sentinel_count) as sentinel_count,
  max(bit_shift_count) as bit_shift_count,
  max(minutes_high) as minutes_high,
  max(minutes_critical) as minutes_critical,
  max(interval_count) as interval_count,
  max(expected_interval_count) as expected_interval_count,
  max(completeness) as completeness,
  case when side_gen = 'speed' then 'speed' else 'batch' end as layer,
  revision
from members
where copy_no = 1
group by event_day, sensor_id, side_gen, revision
