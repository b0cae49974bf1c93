using System.Diagnostics.CodeAnalysis;

namespace McpActors.Core.Configuration.Source;

/// <summary>What a configuration may read beside its own text.</summary>
public interface IConfigurationInputs
{
    /// <summary>An environment variable; null when it is not set.</summary>
    string? Variable(string name);

    /// <summary>The text of a file.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="text">The text.</param>
    /// <param name="reason">Why there is none, in words that follow the path: "does not exist".</param>
    bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason);
}

/// <summary>Nothing may be read: for definitions that come over the API, where a caller must not see files of the machine.</summary>
public sealed class NoInputs : IConfigurationInputs
{
    /// <summary>The one there is.</summary>
    public static NoInputs Instance { get; } = new();

    /// <inheritdoc/>
    public string? Variable(string name) => null;

    /// <inheritdoc/>
    public bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        (text, reason) = (null, "may not be read here");
        return false;
    }
}
