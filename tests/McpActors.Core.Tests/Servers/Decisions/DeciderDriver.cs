using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>Plays the shell: performs no effect, but keeps what came out, and lets time pass by the decider's own wishes.</summary>
internal sealed class DeciderDriver
{
    internal static readonly ServerId Server = new("search");
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(55);

    private long _lastCall;
    private long _lastConnection;
    private long _lastQuery;

    internal DeciderDriver(ServerSettings? settings = null, ServerState? recovered = null)
    {
        Settings = settings ?? new ServerSettings { Server = Server };
        Decider = new ServerDecider(Settings, () => ++_lastConnection);
        Decider.Recover(recovered ?? ServerState.Initial, Now);
        Drain();
    }

    internal static PeerInfo Legacy { get; } = Peer(ProtocolRevision.V20251125, "{}");

    internal ServerSettings Settings { get; }

    internal ServerDecider Decider { get; }

    internal DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal double Random { get; set; } = 0.5;

    internal List<(CallId Call, IServerReply Reply)> Replies { get; } = [];

    internal List<(long Query, CatalogueReply Reply)> CatalogueReplies { get; } = [];

    internal List<ServerEffect.Connect> Connects { get; } = [];

    internal List<ConnectionId> Closed { get; } = [];

    internal List<ServerEffect.FetchList> Fetches { get; } = [];

    internal List<IServerEvent> Events { get; } = [];

    internal List<ServerEffect> Others { get; } = [];

    internal static PeerInfo Peer(ProtocolRevision revision, string capabilities) =>
        new(revision, System.Text.Encoding.UTF8.GetBytes(capabilities), "{}"u8.ToArray(), null);

    internal static CacheKey Key(string name) => CacheKey.Compute([], [], System.Text.Encoding.UTF8.GetBytes(name));

    internal static AttemptOutcome Outcome(AttemptResult result, bool sent = true, TimeSpan? retryAfter = null) =>
        new(result, sent, FirstByte: false, TimeSpan.FromMilliseconds(5), retryAfter);

    internal CallIntent Intent(McpMethod method = McpMethod.ToolsCall, string? target = "echo", SlotKey? slot = null, string? key = null, TimeSpan? deadline = null) =>
        new(method, target, slot ?? SlotKey.Shared, key is null ? null : Key(key), new CacheTag(CacheKind.ToolCall), Now + (deadline ?? Deadline));

    /// <summary>Sends a call; its reply so far, or null.</summary>
    internal (CallId Call, IServerReply? Reply) Admit(CallIntent? intent = null, ClientProfile? profile = null)
    {
        var call = new CallId(++_lastCall);
        var reply = Decider.Admit(new Admit(Server, call, intent ?? Intent(), profile), Now);
        Drain();
        if (reply is not null)
        {
            Replies.Add((call, reply));
        }

        return (call, reply);
    }

    /// <summary>A call that is admitted at once, over a connection that is opened if need be.</summary>
    internal (CallId Call, Admitted Reply) Run(CallIntent? intent = null)
    {
        var (call, reply) = Admit(intent);
        if (reply is null)
        {
            Connect();
            reply = ReplyTo(call);
        }

        return (call, reply.ShouldBeOfType<Admitted>());
    }

    internal IServerReply? Fail(CallId call, AttemptResult result, ConnectionId? connection = null, bool sent = true, TimeSpan? retryAfter = null)
    {
        var reply = Decider.AttemptFailed(new AttemptFailed(Server, call, Outcome(result, sent, retryAfter), connection ?? default), Random, Now);
        Drain();
        if (reply is not null)
        {
            Replies.Add((call, reply));
        }

        return reply;
    }

    internal void Complete(CallId call, AttemptResult result = AttemptResult.Success, CacheFill? fill = null)
    {
        Decider.Complete(new Complete(Server, call, Outcome(result), fill), Random, Now);
        Drain();
    }

    internal void Abandon(CallId call)
    {
        Decider.Abandon(call, Now);
        Drain();
    }

    /// <summary>The newest connection asked for is open.</summary>
    internal ConnectionId Connect(PeerInfo? peer = null, ConnectionId? id = null)
    {
        var connection = id ?? Connects[^1].Id;
        Decider.Connected(connection, peer ?? Legacy, Settings.IsProcess ? 4711 : null, Now);
        Drain();
        return connection;
    }

    internal void ConnectFails(AttemptResult result = AttemptResult.ConnectFailed)
    {
        Decider.ConnectFailed(Connects[^1].Id, Outcome(result, sent: false), new UpstreamFault("connection refused"), Random, Now);
        Drain();
    }

    internal void Lose(ConnectionId connection)
    {
        Decider.ConnectionClosed(connection, new UpstreamFault("the process ended"), 1, Random, Now);
        Drain();
    }

    internal CatalogueReply? Ask(ListKinds kinds = ListKinds.Tools, TimeSpan? deadline = null, ListEffort effort = ListEffort.Start)
    {
        var query = new GetCatalogue(Server, kinds, Now + (deadline ?? TimeSpan.FromSeconds(10))) { Effort = effort };
        var reply = Decider.GetCatalogue(++_lastQuery, query, Now);
        Drain();
        return reply;
    }

    internal void Fetched(params string[] names)
    {
        var fetch = Fetches[^1];
        var items = names.Select(name => new ListItem(name, System.Text.Encoding.UTF8.GetBytes("{\"name\":\"" + name + "\",\"inputSchema\":{\"type\":\"object\"}}"))).ToArray();
        Decider.ListFetched(fetch.Fetch, new ListPage(items, null, null, CacheScope.Private), TimeSpan.FromMilliseconds(3), Now);
        Drain();
    }

    internal void Order(IOperatorCommand command)
    {
        var (acted, refusal) = Decider.Plan(command, Now);
        refusal.ShouldBeNull();
        Events.Add(acted!);
        Decider.Act(acted!, Now);
        Drain();
    }

    internal void Reconfigure(ServerSettings settings)
    {
        Decider.Reconfigure(settings, Now);
        Drain();
    }

    internal IServerReply? ReplyTo(CallId call) => Replies.LastOrDefault(reply => reply.Call == call).Reply;

    /// <summary>Lets time pass, ticking whenever the decider asks for it.</summary>
    internal void Pass(TimeSpan time)
    {
        var end = Now + time;
        for (var ticks = 0; Decider.NextTick is { } next && next <= end; ticks++)
        {
            ticks.ShouldBeLessThan(10_000, "the decider asks for ticks without end");
            Now = next > Now ? next : Now;
            Decider.Tick(Random, Now);
            Drain();
        }

        Now = end;
    }

    internal void Flush() => Drain();

    private void Drain()
    {
        foreach (var effect in Decider.Effects)
        {
            switch (effect)
            {
                case ServerEffect.Reply reply:
                    Replies.Add((reply.Call, reply.Answer));
                    break;
                case ServerEffect.AnswerCatalogue answer:
                    CatalogueReplies.Add((answer.Query, answer.Answer));
                    break;
                case ServerEffect.Connect connect:
                    Connects.Add(connect);
                    break;
                case ServerEffect.CloseConnection close:
                    Closed.Add(close.Id);
                    break;
                case ServerEffect.FetchList fetch:
                    Fetches.Add(fetch);
                    break;
                case ServerEffect.Record record:
                    Events.Add(record.Event);
                    break;
                default:
                    Others.Add(effect);
                    break;
            }
        }

        Decider.Effects.Clear();
    }
}
