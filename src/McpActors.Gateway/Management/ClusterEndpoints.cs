using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;

namespace McpActors.Gateway.Management;

/// <summary>The members of the cluster, in the shapes that users of Akka Management know.</summary>
internal sealed class ClusterEndpoints(ActorSystem system, IOverview overview, Singletons singletons)
{
    /// <summary>All members with their reachability, the leader and the oldest.</summary>
    public async Task<IResult> MembersAsync(HttpContext context)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var state = cluster.State;
        // Who does not hear whom, each node knows for itself; nobody is asked while all is well.
        var nodes = state.Unreachable.IsEmpty ? [] : (await overview.NodesAsync(context.RequestAborted)).Items;
        return Answers.Json(new MembersView(
            cluster.SelfAddress.ToString(),
            [.. state.Members.Select(View)],
            [.. state.Unreachable.Select(member => new UnreachableView(member.Address.ToString(), [.. nodes.Where(node => node.Glance.Misses.Contains(member.Address.ToString())).Select(node => node.Node)]))],
            state.Leader?.ToString(),
            Oldest(state.Members)?.Address.ToString(),
            state.Members.SelectMany(NodeNames.RolesOf).Distinct()
                .ToDictionary(role => role, role => Oldest(state.Members.Where(member => member.HasRole(role)))?.Address.ToString())));
    }

    /// <summary>One member by its name, or its address: <c>host:port</c> or the whole of it.</summary>
    public IResult Member(HttpContext context) => Find(context, out var refusal) is { } member ? Answers.Json(View(member)) : refusal;

    /// <summary>Lets a member leave, or gives it up.</summary>
    public async Task<IResult> ChangeAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        var operation = Given("operation");
        if (Find(context, out var refusal) is not { } member)
            return refusal;
        var cluster = Akka.Cluster.Cluster.Get(system);
        switch (operation.ToLowerInvariant())
        {
            case "leave":
                cluster.Leave(member.Address);
                return Answers.Json(new MessageView($"{member.Address} leaves: it refuses new calls, finishes those in hand, and hands its servers over."));
            case "down" when Given("confirm") == "true":
                cluster.Down(member.Address);
                return Answers.Json(new MessageView($"{member.Address} is given up; if it still runs, it stops."));
            case "down":
                return Answers.Refuse(StatusCodes.Status400BadRequest, "notConfirmed", "A member that is given up loses its calls in hand; say confirm=true, or operation=leave.");
            default:
                return Answers.Refuse(StatusCodes.Status400BadRequest, "badOperation", $"operation must be leave or down, not '{operation}'.");
        }

        string Given(string name) => form is not null && form.TryGetValue(name, out var value) ? value.ToString() : context.Request.Query[name].ToString();
    }

    /// <summary>The shards of a region, wherever they are.</summary>
    public async Task<IResult> ShardsAsync(HttpContext context)
    {
        var type = context.Request.RouteValues["type"] as string;
        if (type is not (ServerRegion.Name or SessionHosting.RegionName))
            return Answers.Refuse(StatusCodes.Status404NotFound, "unknownType", $"There is no region '{type}'; there are {ServerRegion.Name} and {SessionHosting.RegionName}.");
        var shards = await overview.ShardsAsync(type, context.RequestAborted);
        return Answers.Json(new ShardsView(
            type,
            [.. shards.Items
                .Select(held => new ShardView(held.Shard.Id, held.Shard.Entities.Count, held.Node, held.Shard.Entities))
                .OrderBy(shard => shard.ShardId.Length).ThenBy(shard => shard.ShardId, StringComparer.Ordinal)],
            shards.Silent));
    }

    /// <summary>The singletons with the nodes they run on.</summary>
    public async Task<IResult> SingletonsAsync(HttpContext context) => Answers.Json(new SingletonsView(
        [.. (await singletons.FindAsync(context.RequestAborted)).Select(found => new SingletonView(found.Place.Name, found.Place.Role, found.Node))]));

    private Member? Find(HttpContext context, out IResult refusal)
    {
        var given = Uri.UnescapeDataString(context.Request.RouteValues["address"] as string ?? "");
        var members = Akka.Cluster.Cluster.Get(system).State.Members;
        var found = members.Where(member => member.Address.ToString() == given || AddressOf(member) == given).ToList();
        if (found.Count == 0)
            found = [.. members.Where(member => NodeNames.Of(member) == given)];
        refusal = found.Count > 1
            ? Answers.Refuse(StatusCodes.Status409Conflict, "ambiguousMember", $"{found.Count} members are called '{given}': {string.Join(", ", found.Select(AddressOf))}; name one by its address.")
            : Answers.Refuse(StatusCodes.Status404NotFound, "unknownMember", $"No member of this cluster has the name or the address '{given}'; /cluster/members lists them.");
        return found.Count == 1 ? found[0] : null;
    }

    private static string AddressOf(Member member) => $"{member.Address.Host}:{member.Address.Port}";

    private static MemberView View(Member member) => new(
        member.Address.ToString(),
        member.UniqueAddress.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture),
        member.Status.ToString(),
        [.. NodeNames.RolesOf(member).Order(StringComparer.Ordinal)],
        NodeNames.Of(member));

    /// <summary>The oldest of these.</summary>
    internal static Member? Oldest(IEnumerable<Member> members) => members.Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
}
