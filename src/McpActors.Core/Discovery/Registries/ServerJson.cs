namespace McpActors.Core.Discovery.Registries;

/// <summary>A server as a registry describes it (<c>server.json</c> with the registry's own notes), as far as it matters here.</summary>
public sealed record ServerJson
{
    /// <summary>Reverse-DNS name with one slash.</summary>
    public required string Name { get; init; }

    /// <summary>Name for people; empty when there is none.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "";

    /// <summary>What the registry says of it: <c>active</c>, <c>deprecated</c> or <c>deleted</c>.</summary>
    public string Status { get; init; } = "active";

    /// <summary>Whether the registry calls it the latest version; null when it does not say.</summary>
    public bool? IsLatest { get; init; }

    /// <summary>When this version was published; null when the registry does not say.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>When the registry's notes changed last; null when it does not say.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Where it runs as a service.</summary>
    public IReadOnlyList<RemoteJson> Remotes { get; init; } = [];

    /// <summary>What can be started.</summary>
    public IReadOnlyList<PackageJson> Packages { get; init; } = [];
}

/// <summary>A service.</summary>
/// <param name="Type"><c>streamable-http</c> or <c>sse</c>.</param>
/// <param name="Url">Its address, possibly with <c>{variables}</c>.</param>
public sealed record RemoteJson(string Type, string Url)
{
    /// <summary>Headers it takes.</summary>
    public IReadOnlyList<InputJson> Headers { get; init; } = [];

    /// <summary>Variables of the address.</summary>
    public IReadOnlyList<InputJson> Variables { get; init; } = [];
}

/// <summary>A package.</summary>
/// <param name="Type">Kind of package registry: <c>npm</c>, <c>pypi</c>, <c>oci</c> and others.</param>
/// <param name="Identifier">Its name there.</param>
public sealed record PackageJson(string Type, string Identifier)
{
    /// <summary>Its exact version.</summary>
    public string Version { get; init; } = "";

    /// <summary>How the started program speaks: <c>stdio</c>, <c>streamable-http</c> or <c>sse</c>.</summary>
    public string Transport { get; init; } = "stdio";

    /// <summary>Arguments of the program that starts it.</summary>
    public IReadOnlyList<ArgumentJson> RuntimeArguments { get; init; } = [];

    /// <summary>Its own arguments.</summary>
    public IReadOnlyList<ArgumentJson> Arguments { get; init; } = [];

    /// <summary>Environment variables it takes.</summary>
    public IReadOnlyList<InputJson> Environment { get; init; } = [];
}

/// <summary>A value that is fixed, has a default, or must be supplied.</summary>
/// <param name="Name">Its name; empty for a positional argument.</param>
public sealed record InputJson(string Name)
{
    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>The fixed value, possibly with <c>{variables}</c>; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>What it is when nobody says otherwise; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>Whether it must be supplied.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it is a secret.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Variables of the fixed value.</summary>
    public IReadOnlyList<InputJson> Variables { get; init; } = [];
}

/// <summary>An argument of a program.</summary>
/// <param name="Input">Its value, and for a named one its name, such as <c>--port</c>.</param>
/// <param name="IsNamed">Whether the name stands before the value.</param>
public sealed record ArgumentJson(InputJson Input, bool IsNamed);

/// <summary>A part of a registry's list.</summary>
/// <param name="Servers">The servers in it that could be read.</param>
/// <param name="Unreadable">How many could not.</param>
/// <param name="NextCursor">Where the next part begins; null after the last.</param>
public sealed record RegistryPage(IReadOnlyList<ServerJson> Servers, int Unreadable, string? NextCursor);
