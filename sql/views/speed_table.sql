-- Every trade with how its price moved from the trade before it, in event order: by (event time, event id), whatever the order of arrival.
-- The trade before may be one of an earlier day: who asks for a symbol reads that symbol, who asks for a day reads the days before it too.
select
  event_id, event_time, ingest_time, event_day, symbol, price, size,
  price - previous_price as absolute_price_change,
  (price - previous_price) / nullif(previous_price, 0e0) * 100e0 as percentage_change,
  layer
from (
  select trades.*, lag(price) over (partition by symbol order by event_ms, event_id) as previous_price
  from trades
  where size > 0e0
) ordered
