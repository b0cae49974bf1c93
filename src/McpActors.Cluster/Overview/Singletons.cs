using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Overview;

/// <summary>A singleton that this product runs; registered beside it, so that operators can find it.</summary>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="Role">The role of the nodes it may run on.</param>
public sealed record SingletonPlace(string Name, string Role);

/// <summary>Where the singletons run.</summary>
/// <param name="system">The actor system of this node.</param>
/// <param name="places">All of them.</param>
public sealed class Singletons(ActorSystem system, IEnumerable<SingletonPlace> places)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Each with the address of its node; null while it moves.</summary>
    public async Task<IReadOnlyList<(SingletonPlace Place, string? Node)>> FindAsync(CancellationToken ct)
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        var members = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting && !state.Unreachable.Contains(member)).ToArray();
        return await Task.WhenAll(places.OrderBy(place => place.Name, StringComparer.Ordinal).Select(async place => (place, await FindAsync(place, members, ct))));
    }

    private async Task<string?> FindAsync(SingletonPlace place, Member[] members, CancellationToken ct)
    {
        var asked = await Task.WhenAll(members.Where(member => member.HasRole(place.Role)).Select(async member => (member.Address, Runs: await RunsAsync(member, place.Name, ct))));
        return asked.FirstOrDefault(answer => answer.Runs).Address?.ToString();
    }

    private async Task<bool> RunsAsync(Member member, string name, CancellationToken ct)
    {
        try
        {
            // The manager of a singleton has its name, and so has the singleton below it.
            var singleton = system.ActorSelection(new RootActorPath(member.Address) / "user" / name / name);
            return (await singleton.Ask<ActorIdentity>(new Identify(name), Patience, ct)).Subject is not null;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }
}

/// <summary>Registers singletons for operators.</summary>
public static class SingletonRegistration
{
    /// <summary>Makes a singleton known; called beside each <c>WithWorkerSingleton</c> (a test compares).</summary>
    /// <typeparam name="TKey">The key that it is registered under.</typeparam>
    public static IServiceCollection AddSingletonPlace<TKey>(this IServiceCollection services, string name) =>
        services.AddSingleton(new SingletonPlace(name, NodeSettings.WorkerRole));
}
