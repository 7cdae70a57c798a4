-- Drops beyond what a rule allows (`max_drop`), each until a value is back within it of what it was compared with.
-- grain: one row per such drop × line
-- units: places as in `metric_points`: from_place is the first one outside, until_place the first one inside again, empty
--        as long as there is none; baseline_value in the metric's own unit
-- table: a recursion
with recursive

bounded as (

    select
        metric_points.line_id,
        metric_points.place,
        metric_points.finite_value,
        metric_points.is_accepted,
        judged_lines.worse_sign,
        metric_rules.max_drop
    from metric_points
    inner join judged_lines using (line_id)
    inner join metric_rules on metric_rules.metric = metric_points.metric
    where metric_rules.max_drop is not null

),

dropped as (

    select bounded.line_id, bounded.place, deltas.baseline_value
    from bounded
    inner join deltas using (line_id, place)
    where
        worse_sign * baseline_delta > max_drop
        and not bounded.is_accepted
        and not is_baseline_superseded

),

drops as (

    select line_id, null::bigint as from_place, 0::bigint as until_place, null::double as baseline_value
    from bounded
    group by line_id
    union all
    (
        with
        next_ones as (
            select
                drops.line_id,
                min(dropped.place) as from_place,
                arg_min(dropped.baseline_value, dropped.place) as baseline_value
            from drops
            inner join dropped on dropped.line_id = drops.line_id and dropped.place > drops.until_place
            group by drops.line_id
        )
        select next_ones.line_id, from_place, min(bounded.place), baseline_value
        from next_ones
        left join bounded
            on
                bounded.line_id = next_ones.line_id
                and bounded.place > from_place
                and (bounded.is_accepted or worse_sign * (finite_value - baseline_value) <= max_drop)
        group by next_ones.line_id, from_place, baseline_value
    )

)

select line_id, from_place, until_place, baseline_value
from drops
where from_place is not null
