-- MLflow's SQLite store: the names of its tables, which grew with MLflow's versions.
select name
from sqlite_master
where type = 'table'
