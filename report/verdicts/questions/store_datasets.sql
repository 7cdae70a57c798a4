-- MLflow's SQLite store: the inputs of a run, which the tables have since MLflow 2.4. Asks for: $run_id.
select
    datasets.name,
    datasets.digest,
    input_tags.value as context
from inputs
inner join datasets on datasets.dataset_uuid = inputs.source_id
left join input_tags
    on input_tags.input_uuid = inputs.input_uuid
    and input_tags.name = 'mlflow.data.context'
where inputs.destination_id = $run_id and inputs.source_type = 'DATASET'
order by datasets.name, context
