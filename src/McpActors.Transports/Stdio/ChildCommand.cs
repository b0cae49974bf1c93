namespace McpActors.Transports.Stdio;

/// <summary>What to start: no shell is involved, so nothing in it is ever interpreted.</summary>
/// <param name="Program">The program's path.</param>
/// <param name="Arguments">Its arguments, as they are.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="WorkingDirectory">Where it runs; null: where the gateway runs.</param>
internal sealed record ChildCommand(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string? WorkingDirectory);
