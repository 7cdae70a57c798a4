-- How much a line remembers: the autocorrelation of its points, seen through their first differences.
-- grain: one row per judged line of at least three points
-- units: rho from 0 (white noise around levels) to 0.95 (a trend, a random walk)
with

paired as (

    select
        line_id,
        step,
        lag(step, 1, 0) over (partition by line_id order by position) as previous_step
    from hindsight_points
    where step is not null

)

-- For AR(1) noise the differences have autocorrelation (rho - 1) / 2. Clipped in units of the noise around them, a step
-- or an outlier counts no more than noise does.
select
    line_id,
    least(greatest(1 + 2 * sum(step * previous_step) / nullif(sum(step * step), 0), 0), 0.95) as rho
from paired
group by line_id
