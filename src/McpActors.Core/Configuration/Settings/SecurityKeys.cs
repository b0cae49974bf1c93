using McpActors.Core.Configuration.Source;
using McpActors.Core.Security.Keys;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of authentication and certificates.</summary>
internal static class SecurityKeys
{
    public static SectionType<AuthOptions> Auth { get; } = new SectionType<AuthOptions>(AuthOptions.Default)
        .Key("mode", SettingTypes.Choice(("none", AuthMode.None), ("keys", AuthMode.Keys)), static o => o.Mode, static (o, v) => o with { Mode = v },
            "How callers are known: none lets everybody in who reaches the address, keys asks for an API key.")
        .Key("bootstrapKey", new OptionalReferenceType<string>(BootstrapKey), static o => o.BootstrapKey, static (o, v) => o with { BootstrapKey = v },
            "A key with every scope on this listener, to make the first keys with; 'mcpactors keys create --offline' makes one. Best as ${file:PATH}.")
        .Checked([new SettingRule<AuthOptions>("mode", "keys, because bootstrapKey is set", static o => o.BootstrapKey is null || o.Mode == AuthMode.Keys)]);

    public static SectionType<TlsOptions> ListenerTls { get; } = Tls(new SectionType<TlsOptions>(TlsOptions.None))
        .Checked(Pair);

    public static SectionType<TlsOptions> NodeTls { get; } = Tls(new SectionType<TlsOptions>(TlsOptions.None))
        .Key("ca", new OptionalReferenceType<string>(SettingTypes.Path()), static o => o.Authority, static (o, v) => o with { Authority = v },
            "PEM file with the authority that every node's certificate comes from.")
        .Checked([.. Pair, new SettingRule<TlsOptions>("ca", "the authority's PEM file, because certificate is set", static o => o.IsOn == o.Authority is not null)]);

    private static IReadOnlyList<SettingRule<TlsOptions>> Pair =>
        [new("key", "the certificate's key, and certificate the key's certificate: both or none", static o => o.Certificate is null == o.Key is null)];

    private static ScalarType<string> BootstrapKey => new()
    {
        Takes = "a key of the form mcpa_…, as 'mcpactors keys create --offline' makes it",
        Parse = static (string text, SourceMark _, out string value) => KeyText.IsWellFormed(value = text.Trim()),
        Format = static value => value,
        Masked = static _ => SecretNames.Mask,
        IsSecret = true,
    };

    private static SectionType<TlsOptions> Tls(SectionType<TlsOptions> section) => section
        .Key("certificate", new OptionalReferenceType<string>(SettingTypes.Path()), static o => o.Certificate, static (o, v) => o with { Certificate = v },
            "PEM file with the certificate, and those of the authorities between it and the root.")
        .Key("key", new OptionalReferenceType<string>(SettingTypes.Path()), static o => o.Key, static (o, v) => o with { Key = v },
            "PEM file with its private key.");
}
