-- How the verdict on one measurement came about: its line, its level, the noise, the smallest effect that counts.
-- Asks for: $repository, $commit_sha, $report, $kind, $metric, $workflow.
select
    metric_points.line,
    metric_points.line_branch,
    metric_points.place,
    verdicts.count_base,
    verdicts.count_known,
    verdicts.gap,
    verdicts.change_gap,
    -- One standard deviation of what a gap is by chance.
    abs(verdicts.gap / nullif(verdicts.deviation, 0)) as noise,
    verdicts.effect as smallest_effect,
    judged_lines.min_effect,
    100 * judged_lines.min_effect_share as min_effect_percent
from metric_points
inner join verdicts using (line_id, place)
left join judged_lines using (line_id)
where
    metric_points.repository = $repository
    and metric_points.commit_sha = $commit_sha
    and metric_points.report = $report
    and metric_points.kind = $kind
    and metric_points.metric = $metric
    and metric_points.workflow = $workflow
