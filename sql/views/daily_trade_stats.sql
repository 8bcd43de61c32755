-- Figures of each symbol and day.
-- A day comes from its published generation, any other day from raw, each event once (see published_lines).
with both_sides as (
  select day as side_day, gen as side_gen, date '9999-12-31' as dt, day as event_day, symbol, '' as event_id, 0 as ingest_ms, '' as lane, '' as position,
    trade_count, volume, vwap, cast(null as double) as size, min_price, max_price, open_price, close_price,
    first_event_ms, last_event_ms, first_event_time, last_event_time, price_update_count
  from curated_daily_trade_stats
  union all
  -- A trade is a day of one trade.
  select substr(event_day, 9, 2), 'speed', dt, event_day, symbol, event_id, ingest_ms, lane, position,
    cast(null as bigint), cast(null as double), cast(null as double), size, price, price, price, price,
    event_ms, event_ms, event_time, event_time, cast(null as bigint)
  from raw_trades
  where size > 0e0
),
members as (
  select both_sides.*, lines.revision, row_number() over (partition by event_day, symbol, event_id order by ingest_ms, lane, position) as copy_no
  from both_sides
  join published_lines lines on lines.side_day = both_sides.side_day and lines.side_gen = both_sides.side_gen and both_sides.dt >= lines.since
  where lines.source = 'trades' and (both_sides.side_gen <> 'speed' or not coalesce(contains(lines.published_days, both_sides.event_day), false))
)
select
  event_day as day,
  symbol,
  coalesce(max(trade_count), count(*)) as trade_count,
  coalesce(max(volume), coalesce(cast(sum(cast(case when size < 1e18 then size end as decimal(38,12))) as double), 0e0)
    + coalesce(sum(case when size >= 1e18 then size end), 0e0)) as volume,
  min(min_price) as min_price,
  max(max_price) as max_price,
  min_by(open_price, row(first_event_ms, event_id)) as open_price,
  max_by(close_price, row(last_event_ms, event_id)) as close_price,
  coalesce(
    max(vwap),
    (coalesce(cast(sum(cast(case when abs(open_price * size) < 1e18 then open_price * size end as decimal(38,12))) as double), 0e0)
      + coalesce(sum(case when abs(open_price * size) >= 1e18 then open_price * size end), 0e0))
      / nullif(coalesce(cast(sum(cast(case when size < 1e18 then size end as decimal(38,12))) as double), 0e0)
        + coalesce(sum(case when size >= 1e18 then size end), 0e0), 0e0)
  ) as vwap,
  min(first_event_ms) as first_event_ms,
  max(last_event_ms) as last_event_ms,
  min(first_event_time) as first_event_time,
  max(last_event_time) as last_event_time,
  max(price_update_count) as price_update_count,
  case when side_gen = 'speed' then 'speed' else 'batch' end as layer,
  revision
from members
where copy_no = 1
group by event_day, symbol, side_gen, revision
