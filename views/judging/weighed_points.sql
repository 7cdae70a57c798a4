-- How sure it is of each point that it lies off the level, with the deviation that would be sure.
-- grain: one row per point of `level_tests`
-- units: level, distance from it, effect (the smallest that counts) and threshold in the metric's own unit; evidence is that
--        of macros.sql
with

-- A confirmed change is compared with the level before it, which it has left out of itself.
compared as (

    select
        * exclude (expected, gap, spread, count_base, count_known),
        expected + gap as y,
        if(change is null, expected, change.mean) as level_y,
        if(change is null, spread, sqrt(change.variance * (1 + 1.0 / change.count_base))) as chance_y,
        if(change is null, count_base, change.count_base) as count_before,
        if(change is null, count_known, 0) as count_of_others
    from level_tests

),

-- Each step computes what the next one reads more than once.
measured as (

    select
        compared.* exclude (y, level_y, is_prior),
        place, commit_sha, is_accepted, is_repeated, is_fraction,
        line_number_of(line_id) as line_number, family,
        case when count_of_others > 0 then if(is_prior, known_from, 'the levels before') end as known_from,
        count_before + count_of_others + 1 as count_compared,
        level_y as level,
        compared.y - level_y as distance,
        -- Off a slope that a few points show, what lies within as much as it went so far is no news.
        greatest(
            smallest_effect(level_y, judged_lines), if(is_drift and count_before <= shortest_base(), abs(slope) * count_before, 0)
        ) as effect,
        -- So little noise is the rounding of the values themselves: nothing is counted in it.
        coalesce(chance_y < 4 * rounding_of(level_y), false) as is_constant,
        (compared.y - level_y) / nullif(chance_y, 0) as deviation,
        -- Enough to judge by: points of this level, and what is known of the noise of others.
        count_before + count_of_others + 1 > settings.minimum_points
        -- What cannot be confirmed is not suspected: little that is known of others does not shorten the wait.
        and count_before >= if(count_of_others between 1 and next_base() - 1, least(first_base(), minimum_points), 2)
        and count_before > 1 as is_judged
    from compared
    inner join judged_points using (line_id, position)
    inner join judged_lines using (line_id)
    left join prior_noises using (line_id, position)
    cross join settings

),

weighed as (

    select
        *,
        case when is_judged then log_likelihood_ratio(deviation * deviation, count_compared) end as evidence
    from measured

)

select
    line_id, position, place, commit_sha, line_number, family, is_accepted, is_repeated, is_fraction, level_position,
    window_position,
    count_before, count_of_others, known_from, is_judged, change, level, distance, effect, is_drift, slope, is_constant,
    deviation,
    evidence,
    case
        when is_judged
            then least(greatest(effect, if(is_constant, 0, chance_y * sqrt(t_squared_of(sure_of_one(), count_compared)))), 1.7e308)
    end as threshold,
    coalesce(is_judged and change is null and evidence > sure_of_one() and abs(distance) >= effect, false)
    as is_beyond
from weighed
