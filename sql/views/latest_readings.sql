-- The newest reading of each sensor, by event time, and the worst severity in which its alarms stand.
select
  r.sensor_id, r.event_id, r.event_time, r.ingest_time, r.event_day, r.temperature_c, r.humidity_pct, r.quality,
  case a.severity_rank when 1 then 'CRITICAL' when 2 then 'HIGH' else 'NORMAL' end as severity,
  r.layer
from (
  select readings.*, row_number() over (partition by sensor_id order by event_ms desc, event_id desc) as age
  from readings
) r
left join (
  select sensor_id, min(case severity when 'CRITICAL' then 1 when 'HIGH' then 2 else 3 end) as severity_rank
  from (
    -- An alarm stands where its newest transition left it.
    select sensor_id, alarm_id, max_by(severity, revision) as severity
    from alerts_instant
    group by sensor_id, alarm_id
  ) alarms
  group by sensor_id
) a on a.sensor_id = r.sensor_id
where r.age = 1
