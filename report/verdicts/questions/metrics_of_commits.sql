-- What was measured at some commits, by whichever run. Asks for: $commits.
select distinct metric
from reported_numbers
where commit_sha in (select unnest($commits::varchar[]))
