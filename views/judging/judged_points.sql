-- The finite points of the judged lines, in order, with running sums.
-- grain: one row per finite point × judged line, several of a measurement that was repeated
-- units: position counts from 0; y is the distance from the line's center in its scale, at most 1e4, calm_y the same
--        without lone outliers; each `sum_…` is over the line's points up to this one: of y, of calm_y, and of
--        its squares, products with the one before and with the position (moments); accepted_position: of the last accepted change;
--        is_fraction: no value of a training's metric was beyond -1 to 1 by then
-- table: its windows are slow, and most steps after it read it
with

-- What was measured several times is as many points, all at its place.
values_in_order as (

    select line_id, place, is_accepted, finite_value, 1 as nth, false as is_repeated
    from metric_points
    where finite_value is not null and repeats is null
    union all
    select line_id, place, is_accepted, unnest(repeats), generate_subscripts(repeats, 1), true
    from metric_points
    where finite_value is not null and repeats is not null

),

numbered as (

    select
        judged_lines.line_id,
        values_in_order.place,
        values_in_order.is_accepted and nth = 1 as is_accepted,
        is_repeated,
        judged_lines.kind = 'ml' and max(abs(finite_value)) over (along rows unbounded preceding) <= 1 as is_fraction,
        row_number() over along - 1 as position,
        coalesce((finite_value / 2 - center / 2) / half_scale, 0) as unlimited_y,
        coalesce((lag(finite_value) over along / 2 - center / 2) / half_scale, 0) as unlimited_y_before,
        coalesce((lead(finite_value) over along / 2 - center / 2) / half_scale, 0) as unlimited_y_after,
        judged_lines.count_points
    from values_in_order
    inner join judged_lines using (line_id)
    window along as (partition by judged_lines.line_id order by place, nth)

),

-- One value of 1e300 beside noise would leave nothing of the noise in the sums.
limited as (

    select
        * exclude (unlimited_y, unlimited_y_before, unlimited_y_after),
        greatest(least(unlimited_y, 1e4), -1e4) as y,
        greatest(least(unlimited_y_before, 1e4), -1e4) as y_before,
        greatest(least(unlimited_y_after, 1e4), -1e4) as y_after,
        greatest(least(y, y_before), least(greatest(y, y_before), y_after)) as y_between
    from numbered

),

-- A lone point that stands off both its neighbours, far beyond what is usual from one point to the next, must not
-- spoil the level that later ones are compared with: the median of the three stands for it. When the next point is
-- known, it is known to all who look back on this one.
looked_at as materialized (

    select
        *,
        coalesce(
            position between 6 and count_points - 2
            and abs(y - y_between) > 5 * avg(case when position > 0 then abs(y - y_before) end) over lately,
            false
        ) as is_alone
    from limited
    window lately as (partition by line_id order by position rows between 30 preceding and 1 preceding)

),

-- One that lies where the line was for as many points as make a level may be back there: it stands for itself.
returned as (

    select line_id, alone.position
    from (
        select line_id, position, y, y_between, unnest(range(position - 60, position)) as earlier_position
        from looked_at
        where is_alone
    ) as alone
    inner join looked_at as earlier using (line_id)
    where earlier.position = earlier_position and abs(earlier.y - alone.y) < abs(earlier.y - alone.y_between)
    group by line_id, alone.position
    having count(*) >= first_base()

),

calmed as (

    select looked_at.*, if(is_alone and returned.position is null, y_between, y) as calm_y
    from looked_at
    left join returned using (line_id, position)

),

paired as (

    select
        *,
        lag(calm_y, 1, 0) over (partition by line_id order by position) as calm_y_before
    from calmed

),

summed as (

    select
        line_id,
        position,
        place,
        is_accepted, is_repeated, is_fraction, y, calm_y,
        coalesce(max(case when is_accepted then position end) over so_far, 0) as accepted_position,
        sum(y) over so_far as sum_y,
        sum(calm_y) over so_far as sum_calm,
        sum(calm_y * calm_y) over so_far as sum_squares,
        sum(calm_y * calm_y_before) over so_far as sum_products,
        sum(calm_y * position) over so_far as sum_moments
    from paired
    window so_far as (partition by line_id order by position rows unbounded preceding)

)

select
    line_id,
    position,
    place,
    metric_points.commit_sha,
    summed.is_accepted,
    is_repeated,
    is_fraction,
    y,
    calm_y,
    accepted_position,
    sum_y,
    sum_calm,
    sum_squares,
    sum_products,
    sum_moments
from summed
inner join metric_points using (line_id, place)
