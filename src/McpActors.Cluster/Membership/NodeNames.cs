using Akka.Cluster;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Membership;

/// <summary>Names of nodes (<c>node.name</c>). A member brings its name along as one of its roles, so that every node knows the names of all without asking.</summary>
public static class NodeNames
{
    private const string Prefix = "name:";

    /// <summary>The name of a member; null for one of a release that told none.</summary>
    public static string? Of(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.Roles.FirstOrDefault(IsName)?[Prefix.Length..];
    }

    /// <summary>What a member does: its roles without its name.</summary>
    public static IEnumerable<string> RolesOf(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.Roles.Where(role => !IsName(role));
    }

    /// <summary>The role that carries a name.</summary>
    internal static string AsRole(string name) => Prefix + name;

    /// <summary>The other members that are alive and have this node's name.</summary>
    internal static IReadOnlyList<Member> Namesakes(ClusterExtension cluster)
    {
        var (self, state) = (cluster.SelfMember, cluster.State);
        return Of(self) is { } name
            ? [.. state.Members.Where(member => Of(member) == name && !member.UniqueAddress.Equals(self.UniqueAddress)
                && member.Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Joining && !state.Unreachable.Contains(member))]
            : [];
    }

    private static bool IsName(string role) => role.StartsWith(Prefix, StringComparison.Ordinal);
}
