-- Where a line's level is, point by point, on each stretch that began with a change for the better or for the worse.
-- grain: one row per finite point that is known to lie on such a stretch; of one for the worse from its fifth on
-- units: position and number as in `level_stretches`; goodness is the mean of the stretch up to the point, after a change for
--        the worse that of its last eight points at most, in the metric's own unit, turned so that more is better;
--        `reach` is the best that it may stand for, by its noise
-- table: two views read it
with

-- A stretch begins before it is known.
placed as (

    select points.line_id, points.position, level_stretches.number, level_stretches.direction
    from judged_points as points
    asof inner join level_stretches
        on level_stretches.line_id = points.line_id and level_stretches.known_position <= points.position
    where level_stretches.direction is not null
    union all
    select line_id, unnest(range(began_position, known_position)), number, direction
    from level_stretches
    where direction is not null

),

-- In whole numbers, as in `hindsight_points`: their sum does not depend on what other lines there are.
counted as (

    select
        line_id,
        position,
        number,
        direction,
        max(abs(y)) over (partition by line_id, number) as furthest,
        coalesce(round(y / nullif(furthest, 0) * fine())::hugeint, 0) as whole_y
    from placed
    inner join judged_points using (line_id, position)

),

means as (

    select
        line_id,
        position,
        number,
        if(direction = 'better', count(*) over so_far, count(*) over lately) as count_now,
        if(direction = 'better', sum(whole_y) over so_far, sum(whole_y) over lately)::double
        / count_now / fine() * furthest as mean
    from counted
    window
        so_far as (partition by line_id, number order by position rows unbounded preceding),
        lately as (
            partition by line_id, number order by position
            rows between longest_shift() - 1 preceding and current row
        )

)

select
    line_id,
    means.position,
    number,
    -worse_sign * mean as goodness,
    -- As `is_at` has it, of a level of a few points. What is sure to have become worse has more to show.
    goodness + sqrt(if(direction = 'better', near(), worse_no_more()) * variance * (1 / count_now + 1 / first_base())) as reach
from means
inner join level_stretches using (line_id, number)
inner join judged_lines using (line_id)
where means.position >= known_position and (direction = 'better' or count_now >= first_base())
