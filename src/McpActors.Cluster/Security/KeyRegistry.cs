using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Security;

/// <summary>The one authority over the cluster's API keys.</summary>
internal sealed class KeyRegistry : Authority<IKeyCommand, IKeyEvent, KeyState>
{
    private readonly TimeProvider _time;

    public KeyRegistry(JournalHealth health, RecorderSettings recorder, TimeProvider time)
        : base("keys", KeyState.Initial, health, recorder)
    {
        _time = time;
        Receive<IKeyCommand>(OnCommand);
    }

    public static Props Props(JournalHealth health, RecorderSettings recorder, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new KeyRegistry(health, recorder, time));

    protected override (IKeyEvent? Change, IReadOnlyList<object> Reply) Decide(IKeyCommand order, IActorRef sender)
    {
        var decision = KeyDecider.Decide(State, order, _time.GetUtcNow());
        return (decision.Event, decision.Reply);
    }

    protected override object Refusal(IKeyCommand order, string reason) => new Refused(reason);

    protected override KeyState Evolve(KeyState state, IKeyEvent change) => state.Evolve(change);

    protected override object NewsOf(IKeyEvent change) => KeyNews.Of(change);

    protected override void OnChanged(IKeyEvent change)
    {
        if (change is KeyCreated { Key: var key })
            Log.Info("Key {Id} ({Name}) with {Scopes} was created by {Who}", key.Id, key.Name, key.Scopes, key.CreatedBy);
        else if (change is KeyRevoked revoked)
            Log.Info("Key {Id} was revoked by {Who}", revoked.Id, revoked.Who);
    }

    private void OnCommand(IKeyCommand command)
    {
        if (command is Sync)
            Follow();
        Take(command);
    }
}
