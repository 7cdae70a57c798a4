-- The points of each level, with what those before them say of it.
-- grain: one row per finite point × level that it was judged against, or that it began
-- units: positions count from 0; mean_own, squares_own (around it), covariance (the sum of products of neighbours), moment (that
--        with the time) and variance_lately (around mean_own) in y of `judged_points`, of the count_own points before
with

-- A level's points: those judged against it, and those before that are its base by then.
members as (

    select
        levels.* exclude (change, judged_from, judged_to, block),
        position,
        position >= greatest(judged_from, from_position - longest_shift()) as is_wanted,
        y,
        calm_y,
        accepted_position
    from (
        select
            *,
            unnest(range(
                case
                    when lag(level_position, 1, -1) over (partition by line_id order by judged_from) = level_position
                        then judged_from
                    else greatest(level_position, judged_from - longest_base())
                end,
                judged_to + 1
            )) as position
        from (
            select levels.*, from_position
            from levels
            inner join judged_lines using (line_id)
            where judged_to >= from_position - longest_shift()
        )
    ) as levels
    inner join judged_points using (line_id, position)

),

paired as (

    select
        *,
        lag(calm_y) over (partition by line_id, level_position, accepted_position order by position) as calm_y_before
    from members

)

select
    line_id,
    position,
    is_wanted,
    y,
    level_position,
    accepted_position,
    known_variance,
    count_known,
    resumed,
    count(*) over base as count_own,
    coalesce(avg(calm_y) over base, 0) as mean_own,
    coalesce(var_pop(calm_y) over base * count(*) over base, 0) as squares_own,
    covar_pop(calm_y, calm_y_before) over base_pairs * count(calm_y_before) over base_pairs as covariance,
    covar_pop(calm_y, position) over base * count(*) over base as moment,
    var_pop(calm_y) over lately + (avg(calm_y) over lately - avg(calm_y) over base) ** 2 as variance_lately
from paired
window
    base as (
        partition by line_id, level_position, accepted_position
        order by position rows between longest_base() preceding and 1 preceding
    ),
    base_pairs as (
        partition by line_id, level_position, accepted_position
        order by position rows between longest_base() - 1 preceding and 1 preceding
    ),
    lately as (
        partition by line_id, level_position, accepted_position
        order by position rows between count_lately() preceding and 1 preceding
    )
