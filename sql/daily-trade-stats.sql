-- params: event day, generation
-- Figures of each symbol on one day, for UNLOAD. A price update (size 0) counts as one and moves nothing; a symbol that had
-- nothing else has no row. Sums are of decimals, whose order of addition does not matter.
select
  symbol,
  count(*) filter (where size > 0e0) as trade_count,
  cast(sum(cast(size as decimal(38,12))) as double) as volume,
  min(price) filter (where size > 0e0) as min_price,
  max(price) filter (where size > 0e0) as max_price,
  min_by(price, row(event_ms, event_id)) filter (where size > 0e0) as open_price,
  max_by(price, row(event_ms, event_id)) filter (where size > 0e0) as close_price,
  cast(sum(cast(price * size as decimal(38,12))) as double) / nullif(cast(sum(cast(size as decimal(38,12))) as double), 0e0) as vwap,
  min(event_ms) filter (where size > 0e0) as first_event_ms,
  max(event_ms) filter (where size > 0e0) as last_event_ms,
  min(event_time) filter (where size > 0e0) as first_event_time,
  max(event_time) filter (where size > 0e0) as last_event_time,
  count(*) filter (where size = 0e0) as price_update_count
from curated_trades
where day = ? and gen = ?
group by symbol
having count(*) filter (where size > 0e0) > 0
