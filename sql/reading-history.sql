-- params: sensor_id, first event day, last event day, after: event ms, event ms, event id, end: event ms (excluded)
-- One page of a sensor's readings in event order, and one row more, which says that another page follows. That one begins after the last row of this one.
select event_id, event_ms, ingest_ms, event_day, sensor_id, temperature_c, humidity_pct, quality, layer, revision
from readings
where sensor_id = ?
  and event_day between ? and ?
  and (event_ms > ? or (event_ms = ? and event_id > ?))
  and event_ms < ?
order by event_ms, event_id
limit 10001
