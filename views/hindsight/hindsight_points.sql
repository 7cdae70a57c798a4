-- The finite points of the judged lines as hindsight sees them: lone outliers calmed, with sums that find splits.
-- grain: one row per finite point × judged line
-- units: position counts from 0; z is the distance from the line's median, in the metric's own unit; each `sum_…` is over
--        the line's points up to this one; step is the difference from the point before in units of the noise around it
-- table: its windows are slow, and every step after it reads it
with

points as (

    select
        line_id,
        judged_points.place,
        position,
        measurable(finite_value) - measurable(center) as z
    from judged_points
    inner join judged_lines using (line_id)
    inner join metric_points using (line_id, place)

),

neighbours as (

    select
        *,
        lag(z) over along as z_before,
        lead(z) over along as z_after,
        greatest(least(z, z_before), least(greatest(z, z_before), z_after)) as median_of_three
    from points
    window along as (partition by line_id order by position)

),

-- The noise from one point to the next, of those around: neither steps nor outliers move a median.
noises as (

    select
        *,
        coalesce(nullif(1.4826 * median(abs(z - z_before)) over around, 0), avg(abs(z - z_before)) over around) as noise
    from neighbours
    window around as (partition by line_id order by position rows between 15 preceding and 15 following)

),

-- A lone point that stands off both its neighbours is no level: the median of the three stands for it.
calmed as (

    select
        line_id,
        place,
        position,
        noise,
        if(abs(z - median_of_three) > lone_outlier() * noise / sqrt(2), median_of_three, z) as z
    from noises

),

-- In whole numbers, whose sums are the same in whatever order a window adds them up: else the last digits would
-- depend on what other lines there are.
counted as (

    select
        *,
        max(abs(z)) over (partition by line_id) as furthest,
        coalesce(round(z / nullif(furthest, 0) * fine())::hugeint, 0) as whole_z,
        coalesce(round((z / nullif(furthest, 0)) ** 2 * fine())::hugeint, 0) as whole_square
    from calmed

)

select
    line_id,
    place,
    position,
    z,
    lag(z) over along as z_before,
    case when noise > 0 and position > 0 then greatest(least((z - lag(z) over along) / noise, 3), -3) end as step,
    (sum(whole_z) over along)::double / fine() * furthest as sum_z,
    (sum(whole_square) over along)::double / fine() * furthest * furthest as sum_squares
from counted
window along as (partition by line_id order by position)
