using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>The configuration in force, for who must see it without being able to change it.</summary>
internal sealed class CurrentConfiguration(NodeStart start)
{
    private ConfigurationResult _result = start.Loaded;

    /// <summary>The last good result of loading.</summary>
    public ConfigurationResult Result
    {
        get => Volatile.Read(ref _result);
        set => Volatile.Write(ref _result, value);
    }
}
