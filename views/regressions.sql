-- The verdict on each measurement, with its reason.
-- grain: one row per measurement
-- units: threshold, level_mean and drift_per_commit in the metric's own unit; score in standard deviations of the noise
--        from the level (or the slope); confidence from 0 to 1, that it is no chance; method as in docs/verdicts.md
-- table: the chart, the newest model, the pipelines and most questions of a report read it
with

worded as (

    select
        *,
        left(since_commit_sha, 7) as since,
        case
            when is_drift then printf(
                '%s by %.2g%s a commit since %s', if(drift_per_commit > 0, 'rising', 'falling'),
                if(level = 0, 1, 100 / abs(level)) * abs(drift_per_commit), if(level = 0, '', ' %'), since
            )
        end as drift_text,
        printf('%d %s', count_base, if(count_base = 1, 'commit', 'commits'))
        || case
            when count_known > 0 then printf(' (a short history; the noise of %s counts)', known_from)
            when count_base < shortest_base() then ' (a short history)'
            else ''
        end as base_text
    from verdicts

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    kind,
    metric,
    goal,
    value,
    verdict,
    case finding
        when 'not a number' then 'the value is not a number (NaN)'
        when 'infinite' then 'the value is infinite'
        when 'first' then 'the first measurement'
        when 'too few' then printf(
            'only %d earlier %s%s, %d are needed for a verdict', count_base, if(count_base = 1, 'point', 'points'),
            if(position > count_base, ' on this level', ''), minimum_points
        )
        when 'accepted' then 'accepted: the level begins anew here'
        when 'dropped' then printf(
            'worse by %.4g than the baseline %s, more than the %.4g that are allowed', abs(baseline_delta),
            left(baseline_commit_sha, 7), max_drop
        )
        when 'off target' then printf('misses the target %.4g by %.4g', target, abs(value - target))
        when 'changed' then printf(
            '%s by %.4g%s than the level %.4g, since %s: confirmed by %s against %d before',
            if(direction > 0, 'higher', 'lower'), abs(change_gap),
            if(level = 0, '', printf(' (%.3g %%)', 100 * abs(change_gap / level))), level,
            since, printf('%d %s', change.count_recent, if(change.count_recent = 1, 'commit', 'commits')), change.count_base
        ) || if(change.is_resumption, ': back on the level before', '')
        when 'steady' then printf('within ±%.4g of ', threshold)
            || case when is_drift then 'the slope: ' || drift_text else printf('the level %.4g of ', level) || base_text end
        when 'drifting' then drift_text || ': a drift, not a step'
        else printf(
            '%s by %.4g than the level %.4g of ', if(direction > 0, 'higher', 'lower'), abs(gap), level
        ) || base_text || printf(', beyond ±%.4g', threshold)
        || if(finding = 'sharp', '; a sharp change', '; one point alone, not confirmed yet')
    end
    || case
        when goal is null and verdict = 'suspected' then '; no goal is set for this metric'
        when is_beyond and finding = 'steady' then '; beyond it, but among so many metrics one is by chance'
        else ''
    end
    || coalesce('; the suspicion on ' || left(withdrawn_commit_sha, 7) || ' is withdrawn', '') as reason,
    case when isfinite(value) and verdict <> 'too_few' then threshold end as threshold,
    case when isfinite(value) and verdict <> 'too_few' then deviation end as score,
    -- By the bound of `tested_points` on the chance of so much evidence.
    case
        when finding in ('changed', 'sharp', 'suspected')
            then 1 - least(1, 0.8 * exp(-coalesce(change.evidence, evidence) / 2) / sqrt(coalesce(change.evidence, evidence)))
    end as confidence,
    is_sharp,
    case
        when finding in ('changed', 'sharp', 'accepted') then finding
        when finding in ('dropped', 'off target', 'not a number', 'infinite') then 'bound'
        when finding in ('first', 'too few') then 'none'
        when is_drift then 'drift'
        when count_base < shortest_base() then 'short history'
        else 'level'
    end as method,
    finding = 'changed' as is_confirmation,
    since_commit_sha,
    withdrawn_commit_sha,
    level as level_mean,
    case when is_drift then drift_per_commit end as drift_per_commit,
    line_id,
    place
from worded
