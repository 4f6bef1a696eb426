"""What the subcommands of `boost-pipeline` do; `cli` reads the arguments and imports them when they are called."""
