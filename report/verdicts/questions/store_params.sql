-- MLflow's SQLite store: the params of a run. Asks for: $run_id.
select key, value
from params
where run_uuid = $run_id
order by key
