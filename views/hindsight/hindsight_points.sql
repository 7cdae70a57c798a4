-- The finite points of the judged lines as hindsight sees them: outliers calmed, with sums that find splits.
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
        median(z) over (along rows between 2 preceding and 2 following) as median_around,
        count(*) over (along rows between 1 following and 2 following) as count_after
    from points
    window along as (partition by line_id order by position)

),

-- The noise from one point to the next, of those around: neither steps nor outliers move a median.
noises as (

    select
        *,
        -- At the ends, of the first five and the last five.
        case
            when position < 2 then lead(median_around, 2 - position::int) over along
            when count_after < 2 then lag(median_around, 2 - count_after::int) over along
            else median_around
        end as middle,
        coalesce(nullif(1.4826 * median(abs(z - z_before)) over around, 0), avg(abs(z - z_before)) over around) as noise
    from neighbours
    window
        along as (partition by line_id order by position),
        around as (partition by line_id order by position rows between 15 preceding and 15 following)

),

-- One or two points that stand off those around them are no level, nor are they at an end: the median of five stands for them.
calmed as (

    select
        line_id,
        place,
        position,
        noise,
        if(abs(z - middle) > lone_outlier() * noise / sqrt(2), middle, z) as z
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
