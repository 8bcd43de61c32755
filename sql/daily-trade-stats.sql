-- params: event day, generation
-- Figures of each symbol on one day, for UNLOAD. A price update (size 0) counts as one and moves nothing; a symbol that had
-- nothing else has no row: trades and updates are grouped apart, in one scan, which costs a quarter less than a filter a figure.
-- Sums are of decimals, whose order of addition does not matter; a number that no decimal takes is added as it is, so that one
-- wrong trade does not keep its day from being settled.
select
  symbol,
  max(case when traded then event_count end) as trade_count,
  max(case when traded then volume end) as volume,
  max(case when traded then min_price end) as min_price,
  max(case when traded then max_price end) as max_price,
  max(case when traded then open_price end) as open_price,
  max(case when traded then close_price end) as close_price,
  max(case when traded then traded_value / nullif(volume, 0e0) end) as vwap,
  max(case when traded then first_event_ms end) as first_event_ms,
  max(case when traded then last_event_ms end) as last_event_ms,
  max(case when traded then first_event_time end) as first_event_time,
  max(case when traded then last_event_time end) as last_event_time,
  coalesce(max(case when not traded then event_count end), 0) as price_update_count
from (
  select
    symbol,
    traded,
    count(*) as event_count,
    coalesce(cast(sum(cast(plain_size as decimal(38,12))) as double), 0e0) + coalesce(sum(huge_size), 0e0) as volume,
    min(price) as min_price,
    max(price) as max_price,
    min_by(price, row(event_ms, event_id)) as open_price,
    max_by(price, row(event_ms, event_id)) as close_price,
    coalesce(cast(sum(cast(plain_value as decimal(38,12))) as double), 0e0) + coalesce(sum(huge_value), 0e0) as traded_value,
    min(event_ms) as first_event_ms,
    max(event_ms) as last_event_ms,
    min(event_time) as first_event_time,
    max(event_time) as last_event_time
  from (
    select
      symbol, event_ms, event_time, event_id, price,
      size > 0e0 as traded,
      case when size < 1e18 then size end as plain_size,
      case when size >= 1e18 then size end as huge_size,
      case when abs(price * size) < 1e18 then price * size end as plain_value,
      case when abs(price * size) >= 1e18 then price * size end as huge_value
    from curated_trades
    where day = ? and gen = ?
  ) trades
  group by symbol, traded
) sides
group by symbol
having max(case when traded then event_count end) > 0
