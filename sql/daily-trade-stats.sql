-- params: event day, generation
-- Figures of each symbol on one day, for UNLOAD. A price update (size 0) counts as one and moves nothing; a symbol that had
-- nothing else has no row. Sums are of decimals, whose order of addition does not matter; a number that no
-- decimal takes is added as it is, so that one wrong trade does not keep its day from being settled.
select
  symbol,
  count(*) filter (where size > 0e0) as trade_count,
  coalesce(cast(sum(cast(case when size < 1e18 then size end as decimal(38,12))) as double), 0e0)
    + coalesce(sum(case when size >= 1e18 then size end), 0e0) as volume,
  min(price) filter (where size > 0e0) as min_price,
  max(price) filter (where size > 0e0) as max_price,
  min_by(price, row(event_ms, event_id)) filter (where size > 0e0) as open_price,
  max_by(price, row(event_ms, event_id)) filter (where size > 0e0) as close_price,
  (coalesce(cast(sum(cast(case when abs(price * size) < 1e18 then price * size end as decimal(38,12))) as double), 0e0)
    + coalesce(sum(case when abs(price * size) >= 1e18 then price * size end), 0e0))
    / nullif(coalesce(cast(sum(cast(case when size < 1e18 then size end as decimal(38,12))) as double), 0e0)
      + coalesce(sum(case when size >= 1e18 then size end), 0e0), 0e0) as vwap,
  min(event_ms) filter (where size > 0e0) as first_event_ms,
  max(event_ms) filter (where size > 0e0) as last_event_ms,
  min(event_time) filter (where size > 0e0) as first_event_time,
  max(event_time) filter (where size > 0e0) as last_event_time,
  count(*) filter (where size = 0e0) as price_update_count
from curated_trades
where day = ? and gen = ?
group by symbol
having count(*) filter (where size > 0e0) > 0
