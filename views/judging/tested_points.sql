-- What the level tests say of each point, in the metric's own unit, before anybody asks what is better.
-- grain: one row per point of `level_tests`
-- units: level, gap, threshold and drift_per_commit in the metric's own unit; evidence is that of macros.sql
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
        place, commit_sha, is_accepted, is_repeated, is_fraction, judged_lines.min_effect, min_effect_share,
        line_number_of(line_id) as line_number, family,
        case when count_of_others > 0 then if(is_prior, known_from, 'the levels before') end as known_from,
        count_before + count_of_others + 1 as count_compared,
        2 * coalesce(half_scale, 0) as scale,
        value_of(level_y, judged_lines) as level,
        compared.y - level_y as gap_y,
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
        scale * gap_y as distance,
        greatest(min_effect, min_effect_share * abs(level)) as effect,
        case when is_judged then evidence(deviation * deviation, count_compared) end as evidence
    from measured

),

tested as (

    select
        *,
        case
            when is_judged
                then least(greatest(effect, scale * chance_y * sqrt(t_squared_of(sure_of_one(), count_compared))), 1.7e308)
        end as threshold,
        coalesce(is_judged and change is null and evidence > sure_of_one() and abs(distance) >= effect, false)
        as is_beyond
    from weighed

),

-- Of many metrics some are beyond by chance: a single point is believed where the share of false ones among the
-- commit's believed ones is at most 1 % (Benjamini and Hochberg 1995), among those that are reported together: what
-- another workflow adds later changes no verdict. For the evidence e, the chance of such a gap is
-- sqrt(2 / pi) exp(-e / 2) / sqrt(e) at most (Mills' bound).
ranked as (

    select
        line_id, position, line_number, family, commit_sha,
        row_number() over (partition by line_number, family, commit_sha order by evidence desc, line_id) as rank,
        0.8 * exp(-evidence / 2) / sqrt(evidence) <= 0.01 * rank / count_judged as is_enough
    from tested
    inner join (
        select line_number, family, commit_sha, count(*) as count_judged from tested where is_judged group by all
    ) using (line_number, family, commit_sha)
    where is_beyond

),

believed as (

    select
        line_id,
        position,
        rank <= max(case when is_enough then rank end) over (partition by line_number, family, commit_sha)
        as is_suspected
    from ranked

)

select
    tested.line_id, tested.position, place, count_before as count_base, count_of_others as count_known, known_from,
    level, distance as gap, threshold, deviation, evidence, is_accepted, is_fraction, is_judged, is_beyond,
    coalesce(is_suspected, false) as is_suspected, is_repeated,
    change,
    scale * change.gap as change_gap,
    is_drift and abs(scale * slope * count_before) >= effect as is_drift,
    scale * slope as drift_per_commit,
    case
        when change is not null then tested.position + 1 - change.count_recent
        when is_drift then window_position
        else level_position
    end as since_position,
    lag(case when is_suspected then commit_sha end) over along as suspected_commit_sha,
    lag(is_drift, 1, false) over along as was_drift
from tested
left join believed using (line_id, position)
window along as (partition by tested.line_id order by tested.position)
