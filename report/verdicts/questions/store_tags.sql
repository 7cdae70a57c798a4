-- MLflow's SQLite store: the tags of a run. Asks for: $run_id.
select key, value
from tags
where run_uuid = $run_id
order by key
