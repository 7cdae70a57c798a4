-- `commits` and `run_attempts` have the same rows.
select (select count(*) from commits) as count_commits, count(*) as count_attempts
from run_attempts
having count(*) <> (select count(*) from commits)
