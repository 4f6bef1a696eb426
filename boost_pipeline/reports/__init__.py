"""Reports: what people read of the warehouse. They read the warehouse only: no source, no collector, no Dagster."""
