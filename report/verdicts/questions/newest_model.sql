-- The newest model trained on a branch, else on the default branch. Asks for: $repository, $branch.
select latest_model.*
from latest_model
cross join settings
where
    latest_model.repository = $repository
    and latest_model.report = coalesce(reported_report, latest_model.report)
    and latest_model.branch in ($branch, settings.default_branch)
order by latest_model.branch = $branch desc
limit 1
