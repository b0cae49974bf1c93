using Akka.Actor;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Security;

/// <summary>
/// Keeps this node's keys in step with the registry: follows the news, and asks every two seconds, so that a revocation whose news was lost still
/// counts here within 5 s. While the registry does not answer, the keys known last go on: a node cut off for good is taken down by the cluster.
/// </summary>
internal sealed class KeyAgent : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly IActorRef _registry;
    private readonly KeyHolder _holder;
    private readonly TaskCompletionSource _inStep;
    private readonly List<ApiKey> _pages = [];

    public KeyAgent(IActorRef registry, KeyHolder holder, TaskCompletionSource inStep)
    {
        _registry = registry;
        _holder = holder;
        _inStep = inStep;
        Receive<Ask>(_ => AskRegistry());
        Receive<InStep>(_ => _inStep.TrySetResult());
        Receive<KeyPage>(OnPage);
        Receive<KeyNews>(OnNews);
        Receive<TakeNews>(take =>
        {
            OnNews(take.News);
            Sender.Tell(Taken.Instance);
        });
        // It says so because its journal does not answer; the next question comes soon.
        Receive<Refused>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef registry, KeyHolder holder, TaskCompletionSource inStep) =>
        Akka.Actor.Props.Create(() => new KeyAgent(registry, holder, inStep));

    protected override void PreStart()
    {
        AskRegistry();
        Timers.StartPeriodicTimer("sync", Ask.Instance, Period);
    }

    private void AskRegistry() => _registry.Tell(new Sync(_holder.Revision), Self);

    private void OnPage(KeyPage page)
    {
        if (page.First)
            _pages.Clear();
        _pages.AddRange(page.Keys);
        if (!page.Last)
            return;
        _holder.Take(page.Revision, _pages);
        _pages.Clear();
        _inStep.TrySetResult();
    }

    private void OnNews(KeyNews news)
    {
        if (!_holder.Take(news))
            AskRegistry();
    }

    /// <summary>From the façade: this was stored just now. Answer: <see cref="Taken"/>.</summary>
    internal sealed record TakeNews(KeyNews News) : INoSerializationVerificationNeeded;

    /// <summary>The change is in force here.</summary>
    internal sealed record Taken : INoSerializationVerificationNeeded
    {
        public static Taken Instance { get; } = new();
    }

    private sealed record Ask : INoSerializationVerificationNeeded
    {
        public static Ask Instance { get; } = new();
    }
}
