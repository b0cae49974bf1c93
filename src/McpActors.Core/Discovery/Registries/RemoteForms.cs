using System.Net;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Discovery.Registries;

/// <summary>Remotes of a <c>server.json</c>.</summary>
internal static class RemoteForms
{
    private const int MostHeaders = 32;

    public static Form Read(RemoteJson remote)
    {
        if (remote.Type == "sse")
            return Form.No("its remote speaks the sse transport, which this version does not");
        if (remote.Type != "streamable-http")
            return Form.No($"its remote has the unknown type '{remote.Type}'");
        if (InputValues.Substitute(remote.Url, remote.Variables) is not { } text)
            return Form.No($"the address {remote.Url} has variables without a value; add a server of your own with the whole url");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url is not { UserInfo: "", Host.Length: > 0, Fragment: "" } || text.Contains('{', StringComparison.Ordinal))
            return Form.No($"its remote's address '{text}' is no http:// or https:// URL without user or password");
        if (remote.Headers.Count > MostHeaders)
            return Form.No($"its remote takes {remote.Headers.Count} headers, at most {MostHeaders} are taken");
        var (values, needs) = InputValues.Split(SettingNeed.Header, remote.Headers);
        if (remote.Headers.FirstOrDefault(static header => ServerRules.Header(header.Name) is not null) is { } bad)
            return Form.No($"its remote wants the header '{bad.Name}', which is none that may be set");
        if (values.FirstOrDefault(static pair => !ServerRules.IsHeaderValue(pair.Value)) is { Key: { } name })
            return Form.No($"the value of its remote's header '{name}' is no header text");
        return new Form { Url = url, Values = values, Needs = needs };
    }

    /// <summary>Whether an address leads out by its looks: https, and neither an address of a private network nor a name without a dot.</summary>
    public static bool IsPublic(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttps)
            return false;
        var host = url.IdnHost.TrimEnd('.');
        // Any address literal: who names a service for others gives it a name.
        return !IPAddress.TryParse(host.Trim('[', ']'), out _) && host.Contains('.', StringComparison.Ordinal)
            && !host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) && !host.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            && !host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase);
    }
}
