-- What the level tests say of each point, in the metric's own unit, before anybody asks what is better.
-- grain: one row per point of `level_tests`
-- units: level, gap, threshold and drift_per_commit in the metric's own unit; evidence is that of macros.sql
with

-- Of many metrics some are beyond by chance: a single point is believed where the share of false ones among the
-- commit's believed ones is at most 1 % (Benjamini and Hochberg 1995), among those that are reported together: what
-- another workflow adds later changes no verdict. For the evidence e, the chance of such a gap is
-- sqrt(2 / pi) exp(-e / 2) / sqrt(e) at most (Mills' bound).
ranked as (

    select
        line_id, position, line_number, family, commit_sha,
        row_number() over (partition by line_number, family, commit_sha order by evidence desc, line_id) as rank,
        0.8 * exp(-evidence / 2) / sqrt(evidence) <= 0.01 * rank / count_judged as is_enough
    from weighed_points as tested
    inner join (
        select line_number, family, commit_sha, count(*) as count_judged from weighed_points where is_judged group by all
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

),

-- Whether a point of its level was as far off before: a metric of rare ones has its ones.
seen_before as (

    select
        line_id,
        suspected.position,
        bool_or(sign(suspected.distance) * (judged_points.y - suspected.level - suspected.distance) >= 0) as was_as_far
    from (
        select
            line_id, tested.position, distance, level,
            unnest(range(greatest(tested.position - longest_base(), level_position), tested.position)) as earlier
        from weighed_points as tested
        inner join believed using (line_id, position)
        where is_suspected
    ) as suspected
    inner join judged_points using (line_id)
    where judged_points.position = suspected.earlier
    group by line_id, suspected.position

)

select
    tested.line_id, tested.position, place, count_before as count_base, count_of_others as count_known, known_from,
    level, distance as gap, effect, threshold, is_constant,
    if(is_constant, null, deviation) as deviation, evidence, is_accepted, is_fraction, is_judged, is_beyond,
    coalesce(is_suspected, false) as is_suspected,
    coalesce(was_as_far, false) as was_as_far, is_repeated,
    change,
    change.gap as change_gap,
    is_drift and abs(slope * count_before) >= effect as is_drift,
    slope as drift_per_commit,
    case
        when change is not null then tested.position + 1 - change.count_recent
        when is_drift then window_position
        else level_position
    end as since_position,
    lag(case when is_suspected then commit_sha end) over along as suspected_commit_sha,
    lag(is_drift, 1, false) over along as was_drift
from weighed_points as tested
left join believed using (line_id, position)
left join seen_before using (line_id, position)
window along as (partition by tested.line_id order by tested.position)
