using System.Text;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

// Calls of a stateless server that other nodes admit by themselves: their permits and retries are from the one bulkhead and budget, their outcomes go into
// the one circuit. Until a node asks for a lease, or a predecessor may have given some, there is nothing of it.
public sealed partial class ServerDecider
{
    /// <summary>What a server calls itself is told to each holder again and again; of one that says more than this, the callers ask.</summary>
    private const int MostServerInfo = 4096;

    private LeaseGrantor? _leases;
    private LeaseBasis _basis;

    /// <summary>Calls on their way under leases.</summary>
    public int LeasedInFlight => _leases?.InUse ?? 0;

    /// <summary>Whether a predecessor may have given leases that still live: it kept no state per caller, or what it was is not known.</summary>
    public bool MayHaveBeenLeased => !_settings.IsProcess && (_slots.Stateless || !Recovered);

    /// <summary>Whether leases are given, or may be out.</summary>
    public bool Leases => _leases is not null;

    /// <summary>Begins to give leases.</summary>
    /// <param name="owner">Names this life of the owner; never used again.</param>
    /// <param name="takesOver">Whether leases of a predecessor may be out: then all permits count as given until that is known better.</param>
    /// <param name="now">The time.</param>
    public void OpenLeases(long owner, bool takesOver, DateTimeOffset now)
    {
        _basis = BasisNow();
        var terms = Terms(_basis);
        var setup = new LeaseOwnerSetup(now, owner, terms.Permits, LeaseOptions.Default, terms.Circuit, terms.Facts);
        _leases = new LeaseGrantor(setup, _circuit, _budget, now);
        _leases.Reconfigure(terms, _budget, now);
        _leases.LeaveOut(_replicas?.LeftOut ?? []);
        if (!takesOver)
        {
            _leases.ConcludeTakeover(now);
        }
    }

    /// <summary>Takes a node's report. Its answer is among the effects after <see cref="ShareOut"/>.</summary>
    public LeaseReceiptKind TakeReport(LeaseReport report, DateTimeOffset now)
    {
        var leases = _leases ?? throw new InvalidOperationException("No leases are given.");
        FollowTerms(now);
        leases.SetOwnUse(_bulkhead.InFlight, _bulkhead.Queued);
        var receipt = leases.Receive(report, now);
        foreach (var (holder, result, count) in leases.Failures)
        {
            _failures.Add(new FailureNote(now, "under a lease", result, $"{(count == 1 ? "" : $"{count} times ")}at {holder.Node}"));
        }

        leases.Failures.Clear();
        CountAtReplicas(leases, now);
        Follow(receipt.Transitions, now);
        Settle(now);
        AnswerSettled(now);
        return receipt.Kind;
    }

    /// <summary>Every node that could hold a lease of a predecessor has said what it has.</summary>
    public void ConcludeTakeover(DateTimeOffset now) => _leases?.ConcludeTakeover(now);

    /// <summary>What a caller on another node is told beside its admission; null where no leases can be.</summary>
    public LeaseHint? HintFor(CallId id) =>
        _slots.Stateless && _calls.Find(id) is { } call ? new LeaseHint(call.Class, ToolsMark(BasisNow())) : null;

    /// <summary>
    /// After whatever happened: holders hear of transitions and new settings, and the owner's own calls keep to what is not leased away. To be called at the
    /// end of each decision, before the effects are performed.
    /// </summary>
    public void ShareOut(DateTimeOffset now)
    {
        if (_leases is not { } leases)
        {
            return;
        }

        TellLeftOut(leases);
        FollowTerms(now);
        leases.Sync(now);
        var limit = Math.Min(_settings.Concurrency.Max, leases.OwnLimit);
        _bulkhead.Resize(limit);
        if (_bulkhead.Queued > 0 && _bulkhead.InFlight < limit)
        {
            _bulkhead.Tick(now, _permits);
            Settle(now);
            leases.Sync(now);
        }

        foreach (var grant in leases.Outbox)
        {
            Effects.Add(new ServerEffect.Grant(grant));
        }

        leases.Outbox.Clear();
    }

    private void TickLeases(DateTimeOffset now)
    {
        if (_leases is { } leases && leases.NextTick <= now)
        {
            leases.SetOwnUse(_bulkhead.InFlight, _bulkhead.Queued);
            leases.Tick(now);
        }
    }

    private void FollowTerms(DateTimeOffset now)
    {
        var basis = BasisNow();
        if (!basis.IsAs(_basis))
        {
            _basis = basis;
            _leases!.Reconfigure(Terms(basis), _budget, now);
        }
    }

    private LeaseTerms Terms(in LeaseBasis basis)
    {
        var info = InfoOf(basis.Peer);
        var revision = info is null ? null : basis.Era?.Text;
        return new LeaseTerms(
            _settings.Concurrency.Max,
            basis.Stateless && basis.OneEra && info is not null && _settings is { Exists: true, Enabled: true },
            _settings.Circuit,
            new LeaseFacts(_settings.ConnectionFingerprint, revision, info, ToolsMark(basis)));
    }

    private LeaseBasis BasisNow() =>
        new(_settings, _book.Peer, _slots.RememberedEra, _book.Current?.Tools?.Hash, _book.IsStale(ListKind.Tools), _slots.Stateless, _otherEra == 0);

    // What decides about a tool's calls: the operator's word, the server's list, and whether that is to be believed now.
    private static string ToolsMark(in LeaseBasis basis) => $"{basis.Settings.Revision} {basis.Tools}{(basis.ToolsAreStale ? "~" : "")}";

    private static string? InfoOf(PeerInfo? peer) =>
        peer is { ServerInfo.Length: <= MostServerInfo } ? Encoding.UTF8.GetString(peer.ServerInfo.Span) : null;

    /// <summary>What the terms of the leases are made of; compared by reference, after each decision.</summary>
    private readonly record struct LeaseBasis(
        ServerSettings Settings, PeerInfo? Peer, ProtocolRevision? Era, string? Tools, bool ToolsAreStale, bool Stateless, bool OneEra)
    {
        internal bool IsAs(in LeaseBasis other) =>
            ReferenceEquals(Settings, other.Settings) && ReferenceEquals(Peer, other.Peer) && ReferenceEquals(Tools, other.Tools)
            && Stateless == other.Stateless && OneEra == other.OneEra && ToolsAreStale == other.ToolsAreStale && Era == other.Era;
    }
}
