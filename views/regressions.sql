-- The verdict on each measurement, with its reason, and where the measurement leaves its metric.
-- grain: one row per measurement
-- units: threshold, level_mean, reference_level and drift_per_commit in the metric's own unit; score, or deviations,
--        in standard deviations of the noise from the level (or the slope); confidence from 0 to 1, that it is no
--        chance; method as in docs/verdicts.md. direction: 'worse' or 'better', of a suspected or confirmed change;
--        standing: 'good', 'worse' (than reference_level, since worse_since_commit_sha) or 'unknown'; line_id and
--        place as in `deltas`
-- table: the chart, the newest model, the pipelines and most questions of a report read it
select
    deltas.repository,
    deltas.branch,
    deltas.commit_sha,
    deltas.recorded_at,
    deltas.recorded_order,
    deltas.kind,
    deltas.metric,
    deltas.goal,
    deltas.value,
    case when is_recovered then 'recovered' when is_lost_gain then 'steady' else verdict end as verdict,
    reasons.reason,
    case when isfinite(deltas.value) and verdicts.verdict <> 'too_few' then threshold end as threshold,
    case when isfinite(deltas.value) and verdicts.verdict <> 'too_few' then deviation end as score,
    -- By the bound of `tested_points` on the chance of so much evidence.
    case
        when finding in ('changed', 'sharp', 'suspected')
            then 1 - least(1, 0.8 * exp(-coalesce(change.evidence, evidence) / 2) / sqrt(coalesce(change.evidence, evidence)))
    end as confidence,
    is_sharp,
    case
        when finding in ('changed', 'sharp', 'accepted', 'early') then finding
        when finding in ('dropped', 'off target', 'not a number', 'infinite') then 'bound'
        when finding in ('first', 'too few') then 'none'
        when is_drift then 'drift'
        when count_base < shortest_base() then 'short history'
        else 'level'
    end as method,
    finding = 'changed' as is_confirmation,
    verdicts.since_commit_sha,
    withdrawn_commit_sha,
    verdicts.level as level_mean,
    case when is_drift then drift_per_commit end as drift_per_commit,
    verdicts.line_id,
    verdicts.place,
    case when is_recovered then 'better' when not is_lost_gain then direction end as direction,
    standings.standing,
    reasons.worse_since_commit_sha,
    standings.reference_level,
    deltas.report,
    deltas.workflow,
    -- `score` means another thing in `change_points`.
    score as deviations
from verdicts
inner join asked_lines on asked_lines.line_id = verdicts.line_id and verdicts.place >= from_place
inner join deltas on deltas.line_id = verdicts.line_id and deltas.place = verdicts.place
inner join standings on standings.line_id = verdicts.line_id and standings.place = verdicts.place
inner join reasons on reasons.line_id = verdicts.line_id and reasons.place = verdicts.place
