-- What answers for each measurement: of one that was repeated the point where its change is sure, else its last.
-- grain: one row per measurement with points in `tested_points`
-- units: as there
with

repeated as (

    select line_id, place, arg_max(position, (change is not null, position)) as position, bool_or(is_accepted) as is_accepted
    from tested_points
    where is_repeated
    group by line_id, place

)

select
    tested_points.line_id,
    tested_points.position,
    tested_points.place,
    tested_points.count_base,
    tested_points.count_known,
    tested_points.known_from,
    tested_points.level,
    tested_points.gap,
    tested_points.effect,
    tested_points.threshold,
    tested_points.is_constant,
    tested_points.deviation,
    tested_points.evidence,
    coalesce(repeated.is_accepted, tested_points.is_accepted) as is_accepted,
    tested_points.is_fraction,
    tested_points.is_judged,
    tested_points.is_beyond,
    tested_points.is_suspected,
    tested_points.was_as_far,
    tested_points.change,
    tested_points.change_gap,
    tested_points.is_drift,
    tested_points.drift_per_commit,
    tested_points.since_position,
    tested_points.suspected_commit_sha,
    tested_points.was_drift
from tested_points
left join repeated using (line_id, place)
where not is_repeated or tested_points.position = repeated.position
