-- params: event day, generation, event day, generation, event day, generation
-- Figures of each sensor on one day, for UNLOAD. Means, minima, maxima and minutes are of trusted readings (quality OK); the others are counted:
-- what they say may be more than a decimal takes.
with limits as (
  select rank, pattern, high_c, critical_c, expected_interval_ms, day_ms
  from sensor_limits
  where day = ? and gen = ?
),
-- Each sensor with the first pattern that it matches.
ranks as (
  select sensors.sensor_id, min(limits.rank) as rank
  from (select distinct sensor_id from curated_readings where day = ? and gen = ?) sensors
  join limits on sensors.sensor_id like limits.pattern escape '\'
  group by sensors.sensor_id
)
select
  r.sensor_id,
  count(*) filter (where r.quality = 'OK') as reading_count,
  cast(sum(cast(case when r.quality = 'OK' then r.temperature_c end as decimal(38,12))) as double)
    / nullif(count(r.temperature_c) filter (where r.quality = 'OK'), 0) as temperature_c_mean,
  min(r.temperature_c) filter (where r.quality = 'OK') as temperature_c_min,
  max(r.temperature_c) filter (where r.quality = 'OK') as temperature_c_max,
  cast(sum(cast(case when r.quality = 'OK' then r.humidity_pct end as decimal(38,12))) as double)
    / nullif(count(r.humidity_pct) filter (where r.quality = 'OK'), 0) as humidity_pct_mean,
  min(r.humidity_pct) filter (where r.quality = 'OK') as humidity_pct_min,
  max(r.humidity_pct) filter (where r.quality = 'OK') as humidity_pct_max,
  count(*) filter (where r.quality = 'OK') as ok_count,
  count(*) filter (where r.quality = 'NAN') as nan_count,
  count(*) filter (where r.quality = 'RANGE') as range_count,
  count(*) filter (where r.quality = 'SENTINEL') as sentinel_count,
  count(*) filter (where r.quality = 'BIT_SHIFT') as bit_shift_count,
  -- UTC minutes in which the threshold was reached.
  count(distinct case when r.quality = 'OK' and r.temperature_c >= l.high_c then r.event_ms - mod(r.event_ms, 60000) end) as minutes_high,
  count(distinct case when r.quality = 'OK' and r.temperature_c >= l.critical_c then r.event_ms - mod(r.event_ms, 60000) end) as minutes_critical,
  -- Intervals, aligned to the epoch, with a trusted reading, and how many a day without gaps has.
  count(distinct case when r.quality = 'OK' then r.event_ms - mod(r.event_ms, l.expected_interval_ms) end) as interval_count,
  cast(ceil(max(cast(l.day_ms as double) / cast(l.expected_interval_ms as double))) as bigint) as expected_interval_count,
  least(1e0, cast(count(distinct case when r.quality = 'OK' then r.event_ms - mod(r.event_ms, l.expected_interval_ms) end) as double)
    / ceil(max(cast(l.day_ms as double) / cast(l.expected_interval_ms as double)))) as completeness
from curated_readings r
join ranks on ranks.sensor_id = r.sensor_id
join limits l on l.rank = ranks.rank
where r.day = ? and r.gen = ?
group by r.sensor_id
