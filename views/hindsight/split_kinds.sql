-- Whether a line moved at a split by a step or on a slope: a step must explain the points around it better than a
-- straight line does, and better than a line with a bend there, in one of several windows around it.
-- grain: one row per split × judged line
-- units: positions count from 0; is_step; direction is 1 for up and -1 for down
with

-- Half widths of 4, 8, 16, ..., and the whole of both levels.
windows as (

    select
        line_id,
        position as split,
        width,
        unnest(range(greatest(first, position - width), least(past, position + width))) as position
    from (
        select
            *,
            greatest(position - first, past - position) as widest,
            unnest([
                least(4 * 2 ** doubling, widest)::bigint
                for doubling in range(0, 1 + greatest(0, ceil(log2(widest / 4.0)))::bigint)
            ]) as width
        from splits
    )

),

-- Time counts from the split, and time since the split is what bends.
timed as (

    select
        line_id,
        split,
        width,
        z,
        position >= split as is_right,
        position - split + 0.5 as time,
        greatest(position - split + 0.5, 0) as since
    from windows
    inner join hindsight_points using (line_id, position)

),

moments as (

    select
        line_id,
        split,
        width,
        count(*) as n,
        avg(z) filter (is_right) - avg(z) filter (not is_right) as gap,
        var_pop(z) as squares,
        (
            coalesce(var_pop(z) filter (is_right) * count(*) filter (is_right), 0)
            + coalesce(var_pop(z) filter (not is_right) * count(*) filter (not is_right), 0)
        ) / count(*) as left_by_step,
        var_pop(time) as squares_of_time,
        var_pop(since) as squares_of_since,
        covar_pop(time, since) as time_and_since,
        covar_pop(z, time) as along_time,
        covar_pop(z, since) as along_since
    from timed
    group by line_id, split, width

),

-- What two regressors explain together.
fits as (

    select
        *,
        squares - along_time ** 2 / squares_of_time as left_by_line,
        squares - (
            along_time ** 2 * squares_of_since - 2 * along_time * along_since * time_and_since
            + along_since ** 2 * squares_of_time
        ) / (squares_of_time * squares_of_since - time_and_since ** 2) as left_by_bend,
        greatest(1e-12 * squares, 1e-300) as rounding
    from moments

)

select
    line_id,
    split as position,
    bool_or(
        n * ln(greatest(left_by_line, rounding) / greatest(left_by_step, rounding)) > better_than_line()
        and n * ln(greatest(left_by_bend, rounding) / greatest(left_by_step, rounding)) > better_than_bend()
    ) as is_step
from fits
group by line_id, split
