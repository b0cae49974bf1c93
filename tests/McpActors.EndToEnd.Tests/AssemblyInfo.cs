// Each test starts processes of its own and measures how they behave: two at once on a small machine would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
