-- How far a line has come, point by point, on each stretch that began with a change for the better.
-- grain: one row per finite point × such a stretch
-- units: position and number as in `level_stretches`; goodness is the mean of the stretch up to the point in the metric's own
--        unit, turned so that more is better; `reach` is the best that it may stand for, by its noise
-- table: two views read it
with

-- A stretch begins before it is known.
placed as (

    select points.line_id, points.position, level_stretches.number
    from judged_points as points
    asof inner join level_stretches
        on level_stretches.line_id = points.line_id and level_stretches.known_position <= points.position
    where level_stretches.direction = 'better'
    union all
    select line_id, unnest(range(began_position, known_position)), number
    from level_stretches
    where direction = 'better'

),

means as (

    select
        line_id,
        placed.position,
        placed.number,
        avg(y) over so_far as mean,
        count(*) over so_far as count_own
    from placed
    inner join judged_points using (line_id, position)
    window so_far as (partition by line_id, placed.number order by placed.position rows unbounded preceding)

)

select
    line_id,
    means.position,
    number,
    -worse_sign * mean as goodness,
    -- As `is_at` has it, of a level of a few points.
    goodness + sqrt(near() * variance * (1 / count_own + 1 / first_base())) as reach
from means
inner join level_stretches using (line_id, number)
inner join judged_lines using (line_id)
where means.position >= known_position
