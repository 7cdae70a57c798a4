-- The answers of the measurements themselves, with what is better and with the rules of the metric.
-- grain: one row per measurement
-- units: as in `tested_points`
with

measured as (

    select
        deltas.*,
        tested_points.* exclude (line_id, place),
        case when isfinite(deltas.value) then deltas.value end as finite_value,
        is_fraction,
        since.commit_sha as since_commit_sha,
        metric_rules.max_drop,
        metric_rules.target,
        settings.minimum_points,
        coalesce(abs(delta) >= settings.sharp_delta, false) as is_sharp,
        -- Which way is worse: up or down. A metric without a goal has no worse way.
        case deltas.goal when 'minimize' then 1 when 'maximize' then -1 end as worse_sign
    from deltas
    cross join settings
    left join metric_rules on metric_rules.metric = deltas.metric
    left join judged_lines on judged_lines.line_id = deltas.line_id
    left join tested_points on tested_points.line_id = deltas.line_id and tested_points.place = deltas.place
    left join judged_points as since
        on since.line_id = tested_points.line_id and since.position = tested_points.since_position

),

told as (

    select
        *,
        case
            when isnan(value) then 'not a number'
            when isinf(value) then 'infinite'
            when worse_sign * baseline_delta > max_drop then 'dropped'
            when worse_sign * (value - target) > 0 then 'off target'
            when change is not null then 'changed'
            when is_accepted then 'accepted'
            when position = 0 then 'first'
            when not is_judged then 'too few'
            -- A sharp change of an accuracy, a share, a small loss needs no second point.
            when is_suspected and is_sharp and is_fraction and worse_sign is not null then 'sharp'
            when is_suspected then 'suspected'
            when is_drift and not was_drift then 'drifting'
            else 'steady'
        end as finding,
        sign(coalesce(change_gap, gap)) as direction
    from measured

)

select
    line_id,
    place,
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    kind,
    metric,
    goal,
    value,
    finding,
    case
        -- After numbers only: what never gave a number has nothing to fall from.
        when finding in ('not a number', 'infinite') and previous_value is null then 'too_few'
        when finding = 'not a number' and worse_sign is not null then 'regressed'
        when finding = 'infinite' and sign(value) = worse_sign then 'regressed'
        when finding in ('not a number', 'infinite') then 'suspected'
        when finding in ('dropped', 'off target') then 'regressed'
        when finding in ('first', 'too few') then 'too_few'
        when finding in ('steady', 'accepted') then 'steady'
        when finding in ('suspected', 'drifting') or worse_sign is null then 'suspected'
        when direction = worse_sign then 'regressed'
        else 'improved'
    end as verdict,
    direction,
    position,
    count_base,
    count_known,
    known_from,
    level,
    gap,
    threshold,
    deviation,
    evidence,
    change,
    change_gap,
    is_beyond,
    is_drift,
    drift_per_commit,
    since_commit_sha,
    case when finding in ('steady', 'drifting') then suspected_commit_sha end as withdrawn_commit_sha,
    baseline_delta,
    baseline_commit_sha,
    max_drop,
    target,
    minimum_points,
    is_sharp
from told
