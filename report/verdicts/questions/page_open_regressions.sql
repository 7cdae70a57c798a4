-- What is worse and neither recovered nor accepted, what needs a person first.
select
    open_regressions.repository,
    open_regressions.report,
    open_regressions.workflow,
    open_regressions.branch,
    open_regressions.kind,
    open_regressions.metric,
    open_regressions.value,
    open_regressions.level,
    open_regressions.reference_level,
    open_regressions.change_percent,
    open_regressions.worse_since_commit_sha,
    open_regressions.worse_since_at,
    open_regressions.worse_since_author,
    open_regressions.worse_since_message,
    open_regressions.count_commits,
    open_regressions.days,
    open_regressions.metric is not distinct from settings.highlight_metric as is_highlight
from open_regressions
cross join settings
order by is_highlight desc, open_regressions.kind desc, open_regressions.worse_since_at desc, open_regressions.metric
