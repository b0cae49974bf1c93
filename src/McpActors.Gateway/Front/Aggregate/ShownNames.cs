using System.Runtime.CompilerServices;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>The names under which a list's entries are shown, made once for each copy of a list.</summary>
internal static class ShownNames
{
    private static readonly ConditionalWeakTable<ListCopy, AggregatedNames> Known = [];

    /// <summary>The names of a copy.</summary>
    public static AggregatedNames Of(ServerId server, ListCopy copy) => Known.TryGetValue(copy, out var names)
        ? names
        : Known.GetValue(copy, list => new AggregatedNames(server, list.Items.Select(static item => item.Name)));
}
