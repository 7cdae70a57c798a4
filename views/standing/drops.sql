-- Drops beyond what a rule allows (`max_drop`), each until a value is back within it of what it was compared with.
-- grain: one row per such drop × line
-- units: places as in `metric_points`: from_place is the first one outside, until_place the first one inside again, empty
--        as long as there is none; baseline_value in the metric's own unit
-- table: a recursion
with recursive

dropped as (

    select deltas.line_id, deltas.place, deltas.baseline_value
    from deltas
    inner join metric_points using (line_id, place)
    inner join judged_lines using (line_id)
    inner join metric_rules on metric_rules.metric = deltas.metric
    where worse_sign * baseline_delta > max_drop and not is_accepted and not is_baseline_superseded

),

-- Point by point, a block at a time: so long lists are not copied again and again.
blocks as (

    select
        line_id,
        block_of(place) as block,
        any_value(worse_sign) as worse_sign,
        any_value(max_drop) as max_drop,
        list(
            struct_pack(place, value := finite_value, is_accepted, dropped_from := dropped.baseline_value) order by place
        ) as points
    from metric_points
    inner join judged_lines using (line_id)
    inner join metric_rules on metric_rules.metric = metric_points.metric
    left join dropped using (line_id, place)
    where line_id in (select line_id from dropped)
    group by line_id, block_of(place)

),

walked as (

    select
        line_id,
        -1::bigint as block,
        struct_pack(
            from_place := null::bigint, baseline_value := null::double,
            ended := []::struct(from_place bigint, until_place bigint, baseline_value double)[]
        ) as state
    from dropped
    group by line_id
    union all
    select
        line_id,
        blocks.block,
        list_reduce(
            points,
            lambda walk, point: case
                when walk.from_place is null and point.dropped_from is not null then struct_pack(
                    from_place := point.place, baseline_value := point.dropped_from, ended := walk.ended
                )
                when
                    walk.from_place is not null
                    and (point.is_accepted or worse_sign * (point.value - walk.baseline_value) <= max_drop)
                    then struct_pack(
                        from_place := null, baseline_value := null,
                        ended := list_append(walk.ended, struct_pack(
                            from_place := walk.from_place, until_place := point.place,
                            baseline_value := walk.baseline_value
                        ))
                    )
                else walk
            end,
            struct_pack(from_place := state.from_place, baseline_value := state.baseline_value, ended := [])
        )
    from walked
    inner join blocks using (line_id)
    where blocks.block = walked.block + 1

),

-- Of the last block also what has not ended.
found as (

    select line_id, unnest(state.ended) as drop
    from walked
    union all
    select line_id, arg_max(
        struct_pack(
            from_place := state.from_place, until_place := null::bigint, baseline_value := state.baseline_value
        ),
        block
    )
    from walked
    group by line_id

)

select line_id, drop.from_place, drop.until_place, drop.baseline_value
from found
where drop.from_place is not null
