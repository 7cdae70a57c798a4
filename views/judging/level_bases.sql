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

-- The points before, as a list: a window would add up the same numbers in an order that depends on what other lines
-- there are, and the last digits with it.
bases as (

    select
        *,
        list(calm_y) over (
            partition by line_id, level_position, accepted_position
            order by position rows between longest_base() preceding and 1 preceding
        ) as base
    from members

),

averaged as (

    select
        *,
        coalesce(len(base), 0) as count_own,
        list_avg(base) as mean
    from bases

),

-- Of numbers that lie around 0 the products are exact enough.
centred as (

    select
        *,
        list_transform(base, lambda value: value - mean) as gaps
    from averaged

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
    count_own,
    coalesce(mean, 0) as mean_own,
    coalesce(list_inner_product(gaps, gaps), 0) as squares_own,
    list_inner_product(gaps[2:], gaps[:-2]) - list_sum(gaps[2:]) * list_sum(gaps[:-2]) / (count_own - 1) as covariance,
    list_inner_product(gaps, range(count_own)::double[]) - list_sum(gaps) * (count_own - 1) / 2 as moment,
    list_var_pop(gaps[-count_lately():]) + list_avg(gaps[-count_lately():]) ** 2 as variance_lately
from centred
