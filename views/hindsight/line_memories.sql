-- How much a line remembers: the autocorrelation of its points, seen through their first differences.
-- grain: one row per judged line of at least three points
-- units: rho from 0 (white noise around levels) to 0.95 (a trend, a random walk)
with

differences as (

    select
        line_id,
        position,
        y - lag(y) over (partition by line_id order by position) as difference
    from judged_points

),

-- Clipped, so that a step or an outlier counts no more than noise does.
clipped as (

    select
        differences.line_id,
        differences.position,
        case
            when spreads.spread > 0
                then greatest(least(differences.difference, 3 * spreads.spread), -3 * spreads.spread)
            else differences.difference
        end as difference
    from differences
    inner join (
        select line_id, 1.4826 * median(abs(difference)) as spread
        from differences
        group by line_id
    ) as spreads using (line_id)
    where differences.difference is not null

),

paired as (

    select
        line_id,
        difference,
        lag(difference, 1, 0) over (partition by line_id order by position) as previous_difference
    from clipped

)

-- For AR(1) noise the differences have autocorrelation (rho - 1) / 2.
select
    line_id,
    least(greatest(
        1 + 2 * sum(difference * previous_difference) / nullif(sum(difference * difference), 0), 0
    ), 0.95) as rho
from paired
group by line_id
