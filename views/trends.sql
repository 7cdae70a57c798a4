-- Where each measurement stands in the course of its line: averages, spread, slope.
-- grain: one row per measurement
-- units: the metric's own unit; slope per measured commit; the rolling window is `trend_window`, at least 10 points,
--        and ends before the measurement; the moving average is over 3 points and includes it; line_id and place as in
--        `deltas`; run_number is the place, under its older name
-- table: rolling medians are slow, and the chart reads them beside whoever asks
with

settings_used as (

    select greatest(trend_window, 10) as width
    from settings

),

-- A window looks back on so many points before the first wanted one.
points as (

    select line_id, metric_points.place, finite_value, width, from_place
    from metric_points
    inner join asked_lines using (line_id)
    cross join settings_used
    where place >= from_place - width

),

windows as (

    select
        *,
        -- By quarters, so that the sum of huge values is still a number.
        4 * avg(finite_value / 4) over (line_so_far rows between 2 preceding and current row) as moving_average,
        median(finite_value) over before_it as rolling_median,
        mad(finite_value) over before_it as rolling_mad,
        count(finite_value) over with_it as count_in_window,
        regr_slope(finite_value, place) over with_it as slope
    from points
    window
        line_so_far as (partition by line_id order by place),
        before_it as (partition by line_id order by place rows between width preceding and 1 preceding),
        with_it as (partition by line_id order by place rows between width - 1 preceding and current row)

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    kind,
    metric,
    goal,
    value,
    metric_points.place as run_number,
    count_earlier,
    moving_average,
    rolling_median,
    rolling_mad,
    -- The slope of a single point is no number.
    case when count_in_window > 1 then slope end as slope,
    line_id,
    metric_points.place,
    report,
    workflow
from windows
inner join metric_points using (line_id, place)
where speaks_for_itself and metric_points.place >= from_place
