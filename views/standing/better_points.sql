-- How far a line has come, point by point, on each stretch that began with a change for the better.
-- grain: one row per finite point × such a stretch
-- units: position and number as in `level_stretches`; goodness is the mean of the stretch up to the point in y of
--        `judged_points`, turned so that more is better; `reach` is the best that it may stand for, by its noise
-- table: two views read it
with

placed as (

    select
        points.line_id,
        points.position,
        level_stretches.number,
        level_stretches.began_position,
        level_stretches.variance,
        points.sum_y,
        points.position + 1 - level_stretches.began_position as count_own
    from judged_points as points
    asof inner join level_stretches
        on level_stretches.line_id = points.line_id and level_stretches.known_position <= points.position
    where level_stretches.direction = 'better'

)

select
    placed.line_id,
    placed.position,
    placed.number,
    -worse_sign * (placed.sum_y - coalesce(earlier.sum_y, 0)) / count_own as goodness,
    -- As `is_at` has it, of a level of a few points.
    goodness + sqrt(sure_without() * variance * (1 / count_own + 1 / first_base())) as reach
from placed
inner join judged_lines using (line_id)
left join judged_points as earlier
    on earlier.line_id = placed.line_id and earlier.position = placed.began_position - 1
