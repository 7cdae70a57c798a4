-- The verdict on each measurement in words.
-- grain: one row per measurement of `verdicts`
-- units: line_id and place as there; numbers as text, in the metric's own unit; worse_since_commit_sha as the reason
--        may name it
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
        if(threshold > 0, printf(', beyond ±%.4g', threshold), ', which never changed') as beyond_text,
        printf('%d %s', count_base, if(count_base = 1, 'commit', 'commits'))
        || case
            when count_known > 0 then printf(' (a short history; the noise of %s counts)', known_from)
            when count_base < shortest_base() then ' (a short history)'
            else ''
        end as base_text
    from verdicts

),

-- Few of the points are told of.
told_commits as (

    select line_id, place as told_place, commit_sha as told_commit_sha
    from metric_points
    where (line_id, place) in (select (line_id, told_place) from standings where told_place is not null)

),

dropped_from as (

    select line_id, place, baseline_commit_sha
    from deltas
    where (line_id, place) in (select (line_id, place) from verdicts where finding = 'dropped')

)

select
    worded.line_id,
    worded.place,
    case finding
        when 'not a number' then 'the value is not a number (NaN)'
        when 'infinite' then if(
            isinf(worded.value), 'the value is infinite', 'the value is as good as infinite: its square is no number'
        )
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
        when 'off target' then printf('misses the target %.4g by %.4g', target, abs(worded.value - target))
        when 'changed' then printf(
            '%s by %.4g%s than the level %.4g, since %s: confirmed by %d %s against %d before',
            if(sign > 0, 'higher', 'lower'), abs(change_gap), percent_text(change_gap, worded.level), worded.level,
            since, change.count_recent,
            case when count_repeats > 1 then 'measurements' when change.count_recent = 1 then 'commit' else 'commits' end,
            change.count_base
        )
        -- Without noise, and with no effect that is too small, nothing is within anything.
        when 'steady' then case
            when threshold > 0 then printf('within ±%.4g of ', threshold)
            when is_drift then 'on '
            else 'equal to '
        end || case
            when is_drift then 'the slope: ' || drift_text
            else printf('the level %.4g of ', worded.level) || base_text
        end
        when 'drifting' then drift_text || ': a drift, not a step'
        else printf('%s by %.4g than the level %.4g of ', if(sign > 0, 'higher', 'lower'), abs(gap), worded.level)
        || base_text || case finding
            when 'early' then ': too few to be sure, and far more than they differ by'
            when 'sharp' then beyond_text || '; a sharp change'
            else beyond_text || '; one point alone, not confirmed yet'
        end
    end
    || case
        when worse_sign is null and verdict = 'suspected' then '; no goal is set for this metric'
        when is_beyond and finding = 'steady' then '; beyond it, but among so many metrics one is by chance'
        else ''
    end
    || coalesce('; the suspicion on ' || left(withdrawn_commit_sha, 7) || ' is withdrawn', '')
    || case
        when is_recovered then '; it was worse since ' || left(told_commit_sha, 7)
        when is_lost_gain then '; the gain before did not last'
        when direction = 'better' and standing = 'worse' then printf(
            '; still worse by %.4g than the level %.4g before %s', abs(standings.level - reference_level),
            reference_level, left(told_commit_sha, 7)
        )
        else ''
    end as reason,
    case when since_place is not null then told_commit_sha end as worse_since_commit_sha
from worded
inner join standings using (line_id, place)
left join told_commits using (line_id, told_place)
left join dropped_from using (line_id, place)
