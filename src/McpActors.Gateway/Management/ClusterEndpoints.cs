using Akka.Actor;
using Akka.Cluster;

namespace McpActors.Gateway.Management;

/// <summary>The members of the cluster, in the shapes that users of Akka Management know.</summary>
internal sealed class ClusterEndpoints(ActorSystem system)
{
    /// <summary>All members with their reachability, the leader and the oldest.</summary>
    public IResult Members()
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var state = cluster.State;
        return Answers.Json(new MembersView(
            cluster.SelfAddress.ToString(),
            [.. state.Members.Select(View)],
            [.. state.Unreachable.Select(member => new UnreachableView(member.Address.ToString(), []))],
            state.Leader?.ToString(),
            Oldest(state.Members)?.Address.ToString(),
            state.Members.SelectMany(member => member.Roles).Distinct()
                .ToDictionary(role => role, role => Oldest(state.Members.Where(member => member.HasRole(role)))?.Address.ToString())));
    }

    /// <summary>One member by its address, <c>host:port</c> or the whole of it.</summary>
    public IResult Member(HttpContext context)
    {
        var text = Uri.UnescapeDataString(context.Request.RouteValues["address"] as string ?? "");
        var member = Akka.Cluster.Cluster.Get(system).State.Members
            .FirstOrDefault(candidate => candidate.Address.ToString() == text || $"{candidate.Address.Host}:{candidate.Address.Port}" == text);
        return member is null
            ? Answers.Refuse(StatusCodes.Status404NotFound, "unknownMember", $"No member of this cluster has the address '{text}'; /cluster/members lists them.")
            : Answers.Json(View(member));
    }

    /// <summary>Whether this node is up.</summary>
    public NodeCheck Check()
    {
        var status = Akka.Cluster.Cluster.Get(system).SelfMember.Status;
        return status is MemberStatus.Up or MemberStatus.WeaklyUp
            ? new NodeCheck("cluster", "ok")
            : new NodeCheck("cluster", "failed", $"This node is {status} in the cluster; it serves once it is Up.");
    }

    /// <summary>The address of this node.</summary>
    public string Self => Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();

    private static MemberView View(Member member) => new(
        member.Address.ToString(),
        member.UniqueAddress.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture),
        member.Status.ToString(),
        [.. member.Roles.Order(StringComparer.Ordinal)]);

    private static Member? Oldest(IEnumerable<Member> members) => members.Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
}
