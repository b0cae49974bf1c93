using System.Collections.Immutable;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using static McpActors.Core.Health.HealthProtocol;

namespace McpActors.Cluster.Health;

/// <summary>The verdicts of this node: an immutable table swapped whole. Written by the node's <see cref="HealthAgent"/> alone, read by everybody.</summary>
internal sealed class HealthHolder
{
    private sealed record Table(long Life, long Revision, ImmutableDictionary<ServerId, ServerHealth> Verdicts);

    private Table _now = new(0, 0, ImmutableDictionary<ServerId, ServerHealth>.Empty);

    /// <summary>The life of the monitor whose verdicts these are; 0 before the first.</summary>
    public long Life => Volatile.Read(ref _now).Life;

    /// <summary>Their revision.</summary>
    public long Revision => Volatile.Read(ref _now).Revision;

    /// <summary>The verdict on a server.</summary>
    public ServerHealth Find(ServerId server) => Volatile.Read(ref _now).Verdicts.TryGetValue(server, out var health)
        ? health
        : new ServerHealth(server, HealthVerdict.Unknown, default, "");

    /// <summary>Takes all verdicts.</summary>
    public void Take(long life, long revision, IEnumerable<ServerHealth> verdicts) =>
        Volatile.Write(ref _now, new Table(life, revision, verdicts.ToImmutableDictionary(health => health.Server)));

    /// <summary>Takes changes. False when others are missing between what is held and these: ask for all.</summary>
    public bool Take(VerdictNews news)
    {
        var now = _now;
        if (news.Life == now.Life && news.Revision <= now.Revision)
            return true;
        if (news.Life != now.Life || now.Revision + news.Verdicts.Count != news.Revision)
            return false;
        var verdicts = now.Verdicts.ToBuilder();
        foreach (var health in news.Verdicts)
        {
            if (health.Verdict == HealthVerdict.Unknown)
                verdicts.Remove(health.Server);
            else
                verdicts[health.Server] = health;
        }

        Volatile.Write(ref _now, new Table(news.Life, news.Revision, verdicts.ToImmutable()));
        return true;
    }
}
