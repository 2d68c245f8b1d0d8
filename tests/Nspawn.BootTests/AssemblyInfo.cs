using Xunit;

// The tests look at the host's mounts, cgroups and processes; one at a time they see their own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
