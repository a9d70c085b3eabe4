"""What tests share: builders, strategies, faulty importers, commands in processes of their own."""
