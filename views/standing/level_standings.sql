-- Where a line's level stands on each of its stretches: as good as it was, or worse, and since when.
-- grain: one row per stretch of `level_stretches`
-- units: positions and number as there; reference_level in y of `judged_points`; recovered_position: from there on the
--        level is back, while past_position is not reached; since_place as in `metric_points`; step_places: where each step down began
-- table: a recursion
with recursive

bests as (

    select line_id, number, max(goodness) as goodness, max(reach) as reach
    from stretch_points
    group by line_id, number

),

-- Packed by line, so that a turn of the recursion reads few rows, however many stretches there are.
packed as materialized (

    select
        level_stretches.line_id,
        number // 64 as block,
        list(
            struct_pack(number, began_position, event, direction, level_before, goodness, reach) order by number
        ) as stretches
    from level_stretches
    left join bests using (line_id, number)
    group by level_stretches.line_id, number // 64

),

-- The `episode` is what is worse: from where on, than what, in which steps. One that ended is kept for as long as it is
-- not sure that it has.
walked as (

    select
        line_id, number, began_position, false as is_worse, false as recovers,
        null::struct(since_position bigint, level double, step_positions bigint[]) as episode
    from level_stretches
    where number = 0
    union all
    (
        with
        reached as (
            select
                walked.*,
                stretches[(walked.number + 1) % 64 + 1] as next_one
            from walked
            inner join packed on packed.line_id = walked.line_id and block = (walked.number + 1) // 64
        ),
        next_ones as (
            select
                line_id,
                unnest(next_one),
                is_worse and not recovers as was_worse,
                episode as previous,
                -- What lasted for few points was no better level yet.
                next_one.event = 'return' and next_one.began_position - began_position < first_base() as falls_back
            from reached
            where next_one is not null
        ),
        worse as (
            select
                *,
                case
                    when direction = 'worse' and was_worse then struct_pack(
                        since_position := previous.since_position, level := previous.level,
                        step_positions := list_append(previous.step_positions, began_position)
                    )
                    when direction = 'worse' and not falls_back then struct_pack(
                        since_position := began_position, level := level_before, step_positions := [began_position]
                    )
                    when (direction = 'worse' and falls_back) or (direction = 'better' and was_worse) then previous
                end as episode
            from next_ones
        )
        select
            worse.line_id, worse.number, began_position, episode is not null,
            -- Back within what counts of the level that it was on.
            coalesce(
                reach >= -worse_sign * episode.level
                or goodness >= -worse_sign * episode.level - smallest_effect(episode.level, judged_lines),
                false
            ),
            episode
        from worse
        inner join judged_lines using (line_id)
    )

),

recoveries as (

    select line_id, number, min(stretch_points.position) as recovered_position
    from walked
    inner join judged_lines using (line_id)
    inner join stretch_points using (line_id, number)
    where
        recovers
        and (
            reach >= -worse_sign * episode.level
            or goodness >= -worse_sign * episode.level - smallest_effect(episode.level, judged_lines)
        )
    group by line_id, number

),

steps as (

    select stepped.line_id, stepped.number, list(judged_points.place order by position) as step_places
    from (select line_id, number, unnest(episode.step_positions) as position from walked) as stepped
    inner join judged_points using (line_id, position)
    group by stepped.line_id, stepped.number

)

select
    level_stretches.line_id,
    level_stretches.number,
    level_stretches.known_position,
    level_stretches.past_position,
    level_stretches.event,
    walked.is_worse,
    recoveries.recovered_position,
    since.place as since_place,
    walked.episode.level as reference_level,
    steps.step_places
from level_stretches
inner join walked using (line_id, number)
left join recoveries using (line_id, number)
left join steps using (line_id, number)
left join judged_points as since
    on since.line_id = level_stretches.line_id and since.position = walked.episode.since_position
