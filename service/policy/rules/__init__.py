"""The rules of routing, one module for each level of precedence. `routing.PRECEDENCE` says in which order."""
