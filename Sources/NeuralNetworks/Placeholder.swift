// Filled by the module's first types.
