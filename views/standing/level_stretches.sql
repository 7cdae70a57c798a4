-- The stretches of a line between one change of its level and the next, as they became known commit by commit.
-- grain: one row per stretch × judged line; the first one begins with the line
-- units: number counts from 0; positions as in `judged_points`: the change was sure at known_position, where its level
--        had begun at began_position; past_position is where the next stretch is known; levels and variance in its y
-- table: a recursion needs its input at hand
with

events as (

    select
        line_id,
        0 as known_position,
        0 as began_position,
        'beginning' as event,
        null as change
    from judged_lines
    union all
    select
        line_id,
        judged_to,
        judged_to + 1 - change.count_recent,
        if(change.is_return, 'return', 'change'),
        change
    from levels
    where change is not null
    union all
    select
        line_id,
        position,
        position,
        'accepted',
        null
    from judged_points
    where is_accepted and position > 0

)

select
    line_id,
    row_number() over along - 1 as number,
    known_position,
    lead(known_position, 1, count_points) over along as past_position,
    began_position,
    event,
    -- A metric without a goal has no worse way.
    case sign(change.gap) when worse_sign then 'worse' when -worse_sign then 'better' end as direction,
    change.mean as level_before,
    change.mean + change.gap as level_after,
    change.variance
from events
inner join judged_lines using (line_id)
window along as (partition by line_id order by known_position, event = 'beginning' desc)
