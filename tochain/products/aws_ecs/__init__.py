"""Amazon ECS: containers of task definitions; read with the files that define them."""
