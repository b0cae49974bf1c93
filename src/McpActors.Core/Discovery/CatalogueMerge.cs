using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>What is different between two catalogues.</summary>
/// <param name="Added">Servers that are new.</param>
/// <param name="Removed">Servers that are gone.</param>
/// <param name="Changed">Servers that behave differently, as they are now.</param>
public sealed record CatalogueDiff(IReadOnlyList<ServerModel> Added, IReadOnlyList<ServerModel> Removed, IReadOnlyList<ServerModel> Changed)
{
    /// <summary>Nothing differs.</summary>
    public static CatalogueDiff None { get; } = new([], [], []);

    /// <summary>Whether anything differs.</summary>
    public bool IsEmpty => Added.Count == 0 && Removed.Count == 0 && Changed.Count == 0;

    /// <summary>Compares two catalogues by the revision of each model.</summary>
    public static CatalogueDiff Between(RouteTable old, RouteTable @new) => new(
        [.. @new.Servers.Where(server => old.Find(server.Id) is null)],
        [.. old.Servers.Where(server => @new.Find(server.Id) is null)],
        [.. @new.Servers.Where(server => old.Find(server.Id) is { } before && before.Revision != server.Revision)]);
}

/// <summary>An overlay entry that this node cannot read, and why: its file's defaults or its version differ.</summary>
public sealed record OverlayFault(ServerId Server, IReadOnlyList<string> Faults);

/// <summary>The result of a merge.</summary>
/// <param name="Table">The catalogue in effect.</param>
/// <param name="Faults">Overlay entries that were left out.</param>
public sealed record MergedCatalogue(RouteTable Table, IReadOnlyList<OverlayFault> Faults)
{
    /// <summary>Everything that any source says, by id and rank: what is in force, and what is not and why.</summary>
    public IReadOnlyList<CatalogueClaim> Claims { get; init; } = [];

    /// <summary>What entries made at run time with only some settings are laid over, by id.</summary>
    public IReadOnlyDictionary<ServerId, ServerModel> Below { get; init; } = new Dictionary<ServerId, ServerModel>();

    /// <summary>Whether anything but the API says something of a server.</summary>
    public bool IsBelow(ServerId server) => Claims.Any(claim => claim.Id == server && claim.Source.Kind != ServerSource.Api);
}

/// <summary>
/// Lays everything that says something of the cluster's servers over each other. Of several that say the same id, the first in this order wins that can be used:
/// entries of the API, the configuration file, <c>discovery.files</c>, containers (by the name of their node), registries (as they are listed in
/// <c>discovery.registries</c>; those that are not, after them).
/// </summary>
public static class CatalogueMerge
{
    /// <summary>Merges. An entry that cannot be read leaves what is below it in force.</summary>
    public static MergedCatalogue Merge(CatalogueFile file, IEnumerable<OverlayEntry> overlay, long revision, IServerDefinitionReader reader) =>
        Merge(file, overlay, SourcesState.Initial, revision, reader);

    /// <summary>Merges with what was discovered.</summary>
    public static MergedCatalogue Merge(CatalogueFile file, IEnumerable<OverlayEntry> overlay, SourcesState sources, long revision, IServerDefinitionReader reader)
    {
        var discovered = file.Discovered.SelectMany(static said => said.Servers.Select(id => (id, said.Source))).ToDictionary();
        var claims = file.Servers.Select(server => new Claim(server.Id, discovered.GetValueOrDefault(server.Id, SourceName.File)) { Model = server }).ToList();
        foreach (var source in sources.Sources.Keys.OrderBy(source => RankOf(source, file.Discovery)).ThenBy(static source => source, SourceName.Order))
            claims.AddRange(sources.ServersOf(source).Values.Select(server => Discovered(source, server, sources.JudgedOf(source, server.Id), file.Defaults, reader)));
        var entries = overlay.ToDictionary(static entry => entry.Server);
        var run = new Run(file.Defaults, reader);
        foreach (var group in claims.GroupBy(static claim => claim.Id))
            run.Settle(group.Key, [.. group], entries.GetValueOrDefault(group.Key));
        foreach (var entry in entries.Values.Where(entry => !run.Settled.Contains(entry.Server)))
            run.Settle(entry.Server, [], entry);
        run.Claims.AddRange(file.Discovered.SelectMany(static said => said.Outranked.Select(id =>
            new CatalogueClaim(id, said.Source, ClaimStanding.Outranked, "the configuration file, or a file that is listed before it, has it too") { Name = id.Value, Title = id.Value })));
        return new MergedCatalogue(new RouteTable(run.Routes, revision, file.Hash), run.Faults)
        {
            Claims = [.. run.Claims.OrderBy(static claim => claim.Id.Value, StringComparer.Ordinal)],
            Below = run.Below,
        };
    }

    /// <summary>Where a source stands in the order; the lower wins.</summary>
    public static (ServerSource Kind, int Listed) RankOf(SourceName source, DiscoveryOptions discovery)
    {
        if (source.Kind == ServerSource.DiscoveredFile)
            return (source.Kind, discovery.Files.TakeWhile(file => !IsNamed(source, file)).Count());
        if (source.Kind != ServerSource.Registry)
            return (source.Kind, 0);
        for (var i = 0; i < discovery.Registries.Count; i++)
        {
            if (discovery.Registries[i].Url is { } url && SourceName.Registry(url) == source)
                return (source.Kind, i);
        }

        return (source.Kind, int.MaxValue);
    }

    /// <summary>Whether a source is a file as the configuration lists it, where the home folder is a tilde.</summary>
    private static bool IsNamed(SourceName source, string file) =>
        file.StartsWith('~') ? source.Name.EndsWith(file[1..], StringComparison.Ordinal) : source.Name == file;

    private static Claim Discovered(SourceName source, DiscoveredServer said, Judgements judged, ServerDefinition defaults, IServerDefinitionReader reader)
    {
        var claim = new Claim(said.Id, source) { Said = said };
        var subject = said;
        if (said.Unavailable.Length > 0)
        {
            // As below, a successor that cannot be used ends nothing that was approved.
            if (judged.Approved is not { } last)
                return claim with { Block = ClaimStanding.Unavailable, Reason = said.Unavailable };
            subject = last.Server;
            claim = claim with { Reason = $"the newest definition cannot be used: {said.Unavailable}; the one approved before stays" };
        }
        else if (said.ApprovalReason.Length > 0 && judged.Approved?.Hash != said.Hash)
        {
            var isRejected = judged.Rejected?.Hash == said.Hash;
            var reason = isRejected ? $"rejected by {judged.Rejected!.Who}{(judged.Rejected.Why.Length > 0 ? ": " + judged.Rejected.Why : "")}" : said.ApprovalReason;
            if (judged.Approved is not { } before)
                return claim with { Block = isRejected ? ClaimStanding.Rejected : ClaimStanding.NeedsApproval, Reason = reason };
            // What was approved goes on while its successor waits: a new version of a package is no outage.
            subject = before.Server;
            claim = claim with { Reason = isRejected ? $"the newest definition was {reason}; the one approved before stays" : $"a changed definition waits for approval; the one approved before stays: {reason}" };
        }

        if (subject.Definition is not { } definition)
            return claim with { Block = ClaimStanding.Unavailable, Reason = "it has no definition" };
        var read = reader.Read(said.Id, definition, defaults);
        if (read.Model is null)
            return claim with { Block = ClaimStanding.Faulty, Reason = string.Join("; ", read.Faults) };
        claim = claim with { Model = read.Model, Needs = subject.Needs };
        return claim.Missing(read.Model) is { Length: > 0 } missing
            ? claim with { Block = ClaimStanding.NeedsConfiguration, Reason = missing }
            : claim;
    }

    /// <summary>What one source says of one id, while it is judged.</summary>
    private sealed record Claim(ServerId Id, SourceName Source)
    {
        public DiscoveredServer? Said { get; init; }

        public ServerModel? Model { get; init; }

        public IReadOnlyList<SettingNeed> Needs { get; init; } = [];

        public ClaimStanding? Block { get; init; }

        public string Reason { get; init; } = "";

        public string Missing(ServerModel model)
        {
            var missing = Needs.Where(need => !need.IsMetBy(model)).ToList();
            return missing.Count == 0 ? "" : $"it needs {string.Join(", ", missing)}; set {(missing.Count == 1 ? "it" : "them")} by an entry of its own: PUT /api/v1/servers/{Id} with only {(missing[0].Kind == SettingNeed.Header ? "headers" : "env")}";
        }

        public CatalogueClaim Stand(ClaimStanding standing, string reason) => new(Id, Source, standing, reason)
        {
            Name = Said?.Name ?? Id.Value,
            Title = Said?.Title ?? Model?.Title ?? Id.Value,
            Version = Said?.Version ?? "",
        };
    }

    private sealed class Run(ServerDefinition defaults, IServerDefinitionReader reader)
    {
        public List<ServerRoute> Routes { get; } = [];

        public List<OverlayFault> Faults { get; } = [];

        public List<CatalogueClaim> Claims { get; } = [];

        public Dictionary<ServerId, ServerModel> Below { get; } = [];

        public HashSet<ServerId> Settled { get; } = [];

        /// <summary>Decides about one id.</summary>
        public void Settle(ServerId id, IReadOnlyList<Claim> claims, OverlayEntry? entry)
        {
            Settled.Add(id);
            var winner = claims.FirstOrDefault(static claim => claim.Block is null);
            var below = winner ?? claims.FirstOrDefault(static claim => claim.Block == ClaimStanding.NeedsConfiguration);
            if (below is { Model: { } model })
                Below[id] = model;
            var (route, standing, reason) = entry is null ? (null, ClaimStanding.InForce, "") : Overlaid(entry, below);
            if (entry is not null)
            {
                Claims.Add(new CatalogueClaim(id, SourceName.Api, standing, reason) { Name = id.Value, Title = route?.Title ?? id.Value });
                // An entry that hides or replaces what is below decides; one that cannot be read does not.
                if (standing != ClaimStanding.Faulty)
                    winner = null;
            }

            if ((route ?? winner?.Model) is { } inForce)
                Routes.Add(new ServerRoute(inForce, route is null ? winner!.Source : SourceName.Api));
            foreach (var claim in claims)
                Claims.Add(Judge(claim, winner, entry is not null && standing != ClaimStanding.Faulty ? SourceName.Api : winner?.Source));
        }

        private static CatalogueClaim Judge(Claim claim, Claim? winner, SourceName? first)
        {
            if (claim.Block is { } block)
                return claim.Stand(block, claim.Reason);
            return claim == winner ? claim.Stand(ClaimStanding.InForce, claim.Reason) : claim.Stand(ClaimStanding.Outranked, $"{first} comes before it");
        }

        private (ServerModel? Model, ClaimStanding Standing, string Reason) Overlaid(OverlayEntry entry, Claim? below)
        {
            if (entry.Definition is not { } definition)
                return (null, ClaimStanding.InForce, $"removed by {entry.Who}");
            var read = reader.Read(entry.Server, definition, defaults, below?.Model);
            if (read.Model is null)
            {
                Faults.Add(new OverlayFault(entry.Server, read.Faults));
                return (null, ClaimStanding.Faulty, string.Join("; ", read.Faults));
            }

            // Laid over a server that needs more than it gives, it is not enough.
            var isPartial = below is { Block: ClaimStanding.NeedsConfiguration, Model: { } model } && (read.Model.Url, read.Model.Command) == (model.Url, model.Command);
            return isPartial && below!.Missing(read.Model) is { Length: > 0 } missing
                ? (null, ClaimStanding.NeedsConfiguration, missing)
                : (read.Model, ClaimStanding.InForce, "");
        }
    }
}
