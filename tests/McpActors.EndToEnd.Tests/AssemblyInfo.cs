// Processes mostly wait, so two tests at once do well on two cores; those that measure how processes behave run alone afterwards.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
