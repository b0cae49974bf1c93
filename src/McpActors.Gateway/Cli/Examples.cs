using System.CommandLine;

namespace McpActors.Gateway.Cli;

/// <summary>The examples at the foot of each command's help.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> ByCommand = new()
    {
        ["run"] = ["mcpactors run", "mcpactors run --config gateway.yaml", "mcpactors run --config base.yaml --config prod.yaml"],
        ["validate"] = ["mcpactors validate gateway.yaml"],
        ["schema"] = ["mcpactors schema > mcpactors.schema.json"],
        ["import"] = ["mcpactors import ~/.config/mcp/mcp.json > servers.yaml"],
        ["migrate"] = ["mcpactors migrate --config gateway.yaml"],
        ["doctor"] = ["mcpactors doctor"],
        ["status"] = ["mcpactors status", "mcpactors status --watch", "mcpactors status --watch --json | jq -c .nodes[].state"],
        ["probe"] = ["mcpactors probe", "mcpactors probe --ready --url https://10.0.0.3:8558 --ca ca.pem"],
        ["servers"] = ["mcpactors servers", "mcpactors servers files", "mcpactors servers files --events"],
        ["add"] = ["mcpactors servers add search --definition '{\"url\":\"https://search.example/mcp\"}'"],
        ["remove"] = ["mcpactors servers remove search"],
        ["restore"] = ["mcpactors servers restore search"],
        ["enable"] = ["mcpactors servers enable search"],
        ["disable"] = ["mcpactors servers disable search"],
        ["restart"] = ["mcpactors servers restart files"],
        ["tools"] = ["mcpactors tools", "mcpactors tools files --json", "mcpactors tools --refresh"],
        ["call"] = ["mcpactors call sample echo '{\"message\":\"hello\"}'", "echo '{\"a\":1,\"b\":2}' | mcpactors call sample add -"],
        ["circuit"] = ["mcpactors circuit search open --reason 'maintenance' --ttl 30m", "mcpactors circuit search auto", "mcpactors circuit search reset"],
        ["clear"] = ["mcpactors cache clear search"],
        ["keys list"] = ["mcpactors keys list"],
        ["sources"] = ["mcpactors sources", "mcpactors sources --servers"],
        ["approvals list"] = ["mcpactors approvals list", "mcpactors approvals list --state pending"],
        ["approve"] = ["mcpactors approvals approve io-github-acme-files --reason 'read the code of 1.2.0'"],
        ["reject"] = ["mcpactors approvals reject io-github-acme-files --reason 'unknown author'"],
        ["create"] = ["mcpactors keys create ci --scopes read,call --ttl 90d", "mcpactors keys create --offline > bootstrap.key", "mcpactors keys create prometheus --scopes read --out prometheus.key"],
        ["revoke"] = ["mcpactors keys revoke 3f9a12c07b41"],
        ["sessions"] = ["mcpactors sessions", "mcpactors sessions --json"],
        ["end"] = ["mcpactors sessions end 5f3a0c19b27d4e88"],
        ["certs"] = ["mcpactors certs --out certs node-1 node-2 node-3", "mcpactors certs --out certs gateway --host gateway.example --host 10.0.0.7", "mcpactors certs --authority ~/authority --out certs node-1"],
        ["alerts"] = ["mcpactors alerts", "mcpactors alerts --state firing"],
        ["members"] = ["mcpactors members"],
        ["drain"] = ["mcpactors drain worker-2", "mcpactors drain 10.0.0.3:4053"],
        ["config"] = ["mcpactors config", "mcpactors config diff", "mcpactors config reload"],
        ["diff"] = ["mcpactors config diff"],
        ["reload"] = ["mcpactors config reload"],
    };

    /// <summary>The examples of one command; none for a group that only holds others.</summary>
    public static IReadOnlyList<string> Of(Command command) =>
        ByCommand.TryGetValue(command.Name, out var examples) || ByCommand.TryGetValue($"{command.Parents.FirstOrDefault()?.Name} {command.Name}", out examples) ? examples : command is RootCommand ? ByCommand["run"] : [];
}
