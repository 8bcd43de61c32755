-- Transitions of alarms, each once, worst first, then newest. An engine may drop the order of a view: order by severity_rank, event_time desc.
select
  alert_id, alarm_id, sensor_id, rule, rule_version, state, severity, previous_severity, event_time, value, threshold, revision,
  case severity when 'CRITICAL' then 1 when 'HIGH' then 2 else 3 end as severity_rank
from (
  select alerts_instant.*, row_number() over (partition by alert_id order by ingest_ms, lane, position) as copy_no
  from alerts_instant
) copies
where copy_no = 1
order by severity_rank, event_time desc
