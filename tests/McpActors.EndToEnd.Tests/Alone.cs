namespace McpActors.EndToEnd.Tests;

/// <summary>Tests that measure times or load a small machine fully: beside others they would measure each other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>The collection.</summary>
    public const string Name = "alone";
}
