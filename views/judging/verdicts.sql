-- The answers of the measurements themselves, with what is better and with the rules of the metric.
-- grain: one row per measurement
-- units: as in `settled_points`; sign is that of a change, direction says what it means
-- table: two views read it, and who wants a verdict explained
with

measured as (

    select
        deltas.line_id, deltas.place, value, previous_value, delta, baseline_delta, is_baseline_superseded, count_earlier,
        count_repeats,
        settled_points.* exclude (line_id, place),
        since.commit_sha as since_commit_sha,
        outside_points.is_off_target,
        metric_rules.max_drop,
        metric_rules.target,
        settings.minimum_points,
        coalesce(abs(delta) >= settings.sharp_delta, false) as is_sharp,
        judged_lines.worse_sign,
        -- With two points before, whose noise is a guess: many times as far off as they are apart, and by what anybody
        -- would call a lot.
        coalesce(
            count_base > 1
            and (is_constant or abs(deviation) > 10)
            and ((is_sharp and settled_points.is_fraction) or abs(gap) > 0.5 * abs(level)),
            false
        ) as is_disaster
    from deltas
    cross join settings
    left join metric_rules on metric_rules.metric = deltas.metric
    left join judged_lines on judged_lines.line_id = deltas.line_id
    left join settled_points on settled_points.line_id = deltas.line_id and settled_points.place = deltas.place
    left join outside_points
        on outside_points.line_id = deltas.line_id and outside_points.place = deltas.place
    left join judged_points as since
        on since.line_id = settled_points.line_id and since.position = settled_points.since_position

),

told as (

    select
        *,
        case
            when isnan(value) then 'not a number'
            when is_infinite(value) then 'infinite'
            when worse_sign * baseline_delta > max_drop and is_accepted is not true and not is_baseline_superseded
                then 'dropped'
            when is_off_target then 'off target'
            when change is not null then 'changed'
            when is_accepted then 'accepted'
            when position = 0 then 'first'
            when not is_judged and is_disaster then 'early'
            when not is_judged then 'too few'
            -- A sharp change of an accuracy, a share, a small loss needs no second point, where none was as far off before.
            when is_suspected and is_sharp and is_fraction and not was_as_far and worse_sign is not null then 'sharp'
            when is_suspected then 'suspected'
            when is_drift and not was_drift then 'drifting'
            else 'steady'
        end as finding,
        case
            when isnan(value) then worse_sign
            when is_infinite(value) then sign(value)
            when finding in ('dropped', 'off target') then worse_sign
            when finding = 'drifting' then sign(drift_per_commit)
            else sign(coalesce(change_gap, gap))
        end as sign
    from measured

)

select
    line_id,
    place,
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
        when finding in ('early', 'suspected', 'drifting') or worse_sign is null then 'suspected'
        when sign = worse_sign then 'regressed'
        else 'improved'
    end as verdict,
    sign,
    case
        when verdict not in ('too_few', 'steady') and worse_sign is not null then if(sign = worse_sign, 'worse', 'better')
    end as direction,
    position,
    count_earlier,
    count_repeats,
    count_base,
    count_known,
    known_from,
    level,
    gap,
    effect,
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
    worse_sign,
    max_drop,
    target,
    minimum_points,
    is_sharp
from told
