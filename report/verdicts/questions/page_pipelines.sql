-- How the pipelines of each branch do, those that ran last first. Asks for: $at_most.
select *
from pipeline_health
order by latest_recorded_at desc, repository, branch, workflow
limit $at_most
