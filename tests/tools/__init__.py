"""Tools that measure the suite and the tests: the mutation matrix, mutation testing."""
