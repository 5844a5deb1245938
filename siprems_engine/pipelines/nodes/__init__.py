"""One node a module, found by the registry: a class, and an instance of it named `NODE`."""
