namespace McpActors.Core.Servers.Upstream;

/// <summary>Why a connection could not be opened or ended, in two wordings: what a child wrote to stderr may hold anything and is no caller's business.</summary>
/// <param name="Text">For everybody.</param>
/// <param name="Detail">The last line of a child's stderr, for operators.</param>
public readonly record struct UpstreamFault(string Text, string? Detail = null)
{
    /// <summary>Both in one sentence.</summary>
    public string ForOperators => string.IsNullOrEmpty(Detail) ? Text : $"{Text}; last line of stderr: {Detail}";
}
