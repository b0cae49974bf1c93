using McpActors.Core.Discovery.Registries;

namespace McpActors.Transports.Registries;

/// <summary>What asking a registry came to.</summary>
public abstract record RegistryAnswer
{
    private RegistryAnswer()
    {
    }

    /// <summary>It listed its servers, all pages of them.</summary>
    /// <param name="Listing">The servers.</param>
    public sealed record Listed(RegistryListing Listing) : RegistryAnswer;

    /// <summary>It did not.</summary>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="RetryAfter">How long it asks to be left alone; null when it does not say.</param>
    public sealed record Failed(string Reason, TimeSpan? RetryAfter) : RegistryAnswer;
}

/// <summary>Asks one registry for its servers.</summary>
public interface IRegistryReader
{
    /// <summary>Asks for everything that is included. Never throws but for cancellation.</summary>
    Task<RegistryAnswer> ReadAsync(CancellationToken ct);
}
