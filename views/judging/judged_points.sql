-- The finite points of the judged lines, in order.
-- grain: one row per finite point × judged line, several of a measurement that was repeated
-- units: position counts from 0; y is the value as its square can be computed with, calm_y the same without lone outliers;
--        accepted_position: of the last accepted change; is_fraction: no value of a training's metric was beyond -1 to 1 by then
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
        measurable(finite_value) as y,
        measurable(lag(finite_value, 1, finite_value) over along) as y_before,
        measurable(lead(finite_value, 1, finite_value) over along) as y_after,
        judged_lines.count_points
    from values_in_order
    inner join judged_lines using (line_id)
    window along as (partition by judged_lines.line_id order by place, nth)

),

-- A lone point that stands off both its neighbours, far beyond what is usual from one point to the next, must not
-- spoil the level that later ones are compared with: the median of the three stands for it. When the next point is
-- known, it is known to all who look back on this one.
looked_at as materialized (

    select
        *,
        median_of_three(y_before, y, y_after) as y_between,
        coalesce(
            position between first_base() and count_points - 2
            and abs(y - y_between) > lone_outlier() * avg(case when position > 0 then abs(y - y_before) end) over lately,
            false
        ) as is_alone,
        coalesce(max(case when is_accepted then position end) over so_far, 0) as accepted_position
    from numbered
    window
        lately as (partition by line_id order by position rows between 30 preceding and 1 preceding),
        so_far as (partition by line_id order by position rows unbounded preceding)

),

-- One that lies where the line was for as many points as make a level may be back there: it stands for itself.
returned as (

    select line_id, alone.position
    from (
        select line_id, position, y, y_between, unnest(range(position - longest_base(), position)) as earlier_position
        from looked_at
        where is_alone
    ) as alone
    inner join looked_at as earlier using (line_id)
    where earlier.position = earlier_position and abs(earlier.y - alone.y) < abs(earlier.y - alone.y_between)
    group by line_id, alone.position
    having count(*) >= first_base()

)

select
    line_id,
    position,
    place,
    metric_points.commit_sha,
    looked_at.is_accepted,
    is_repeated,
    is_fraction,
    y,
    if(is_alone and returned.position is null, y_between, y) as calm_y,
    accepted_position
from looked_at
inner join metric_points using (line_id, place)
left join returned using (line_id, position)
