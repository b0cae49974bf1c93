using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// The lists: asked for, fetched by calls of the gateway's own, learnt, changed.
public sealed partial class ServerDecider
{
    /// <summary>A server may announce many changes in a row; one fetch serves them.</summary>
    private static readonly TimeSpan RefreshDelay = TimeSpan.FromMilliseconds(100);

    private DateTimeOffset? _refreshAt;
    private long _lastFetch;

    /// <summary>Handles a question for lists. Null: the answer comes later, as an effect under the query's id.</summary>
    public CatalogueReply? GetCatalogue(long query, GetCatalogue command, DateTimeOffset now)
    {
        if (Unusable() is { } reason)
        {
            return _book.Answer(Server, command.Kinds, reason, now);
        }

        if (command.Effort == ListEffort.Remember || (command.Effort == ListEffort.NoProcess && _settings.IsProcess && !ListsHaveSlot()))
        {
            var (condition, why) = Condition(now);
            return _book.Remembered(Server, command.Kinds, condition == ServerCondition.Unavailable ? why : null, now);
        }

        // Without any list asked for, what the server says of itself is the question, and any list brings it.
        var wanted = command.Kinds == ListKinds.None && _book.Peer is null ? ListKinds.Tools : command.Kinds;
        FetchAll(_book.ToFetch(wanted, now), now);
        Settle(now);
        var connected = _slots.All.Any(slot => slot.Phase == SlotPhase.Ready);
        if (_book.IsSettled(wanted, now) || (connected && _book.IsSlow(wanted, now)))
        {
            return _book.Answer(Server, command.Kinds, OpenReason(), now);
        }

        _book.Wait(query, wanted, command.Arrived(now).Deadline, connected, now);
        return null;
    }

    /// <summary>A list was fetched whole.</summary>
    /// <param name="fetch">The fetch.</param>
    /// <param name="page">All its pages as one.</param>
    /// <param name="latency">How long it took.</param>
    /// <param name="now">The time.</param>
    public void ListFetched(CallId fetch, ListPage page, TimeSpan latency, DateTimeOffset now)
    {
        if (_calls.Find(fetch) is not { Phase: CallPhase.Running, Fetches: { } kind } call)
        {
            return;
        }

        EndAttempt(call, new AttemptOutcome(AttemptResult.Success, Sent: true, FirstByte: true, latency), 0, now);
        Learn(kind, page, now);
        End(call, now);
        ServeHeld(kind, now);
        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>A list could not be fetched.</summary>
    public void FetchFailed(CallId fetch, AttemptOutcome outcome, string text, double random, DateTimeOffset now)
    {
        if (_calls.Find(fetch) is not { Phase: CallPhase.Running, Fetches: not null } call)
        {
            return;
        }

        if (outcome is { Result: AttemptResult.ProtocolError, ErrorCode: McpErrorCodes.MethodNotFound })
        {
            // Declared, but not there: the same as an empty list.
            ListFetched(fetch, new ListPage([], null, null, CacheScope.Private), outcome.Latency, now);
            return;
        }

        var kind = call.Fetches.Value;
        call.FailureText = text;
        AfterFailure(call, outcome, random, now);
        if (!_book.IsFetching(kind))
        {
            ServeHeld(kind, now);
        }

        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>The upstream says that a list changed.</summary>
    public void ListChanged(ListKind kind, DateTimeOffset now)
    {
        _cache.Invalidate(kind.CacheKind(), keepForErrors: true);
        _book.MarkStale(kind);
        _refreshAt ??= now + RefreshDelay;
    }

    /// <summary>The upstream says that a resource changed.</summary>
    /// <param name="tag">What of the cache it is.</param>
    public void ResourceUpdated(CacheTag tag) => _cache.Invalidate(tag, keepForErrors: true);

    private void RefreshDue(DateTimeOffset now)
    {
        if (_refreshAt is not { } due || due > now)
        {
            return;
        }

        _refreshAt = null;
        if (Unusable() is not null || _book.Current is not { } catalogue || !_slots.All.Any(slot => slot.Phase == SlotPhase.Ready))
        {
            // The next question fetches it.
            return;
        }

        var known = ListKinds.None;
        foreach (var kind in Enum.GetValues<ListKind>())
        {
            known |= catalogue[kind] is not null && _book.IsStale(kind) ? kind.AsSet() : ListKinds.None;
        }

        FetchAll(_book.ToFetch(known, now), now);
    }

    // A stateless server wants some arguments repeated as headers, and only its list says which: a call waits for the first list, but not for long.
    private bool HoldsForFacts(PendingCall call) =>
        _slots.Stateless && call.Intent.Method == McpMethod.ToolsCall && !call.WasHeld
        && _book.Current is { Tools: null } && _book.IsFetching(ListKind.Tools);

    private void ServeHeld(ListKind kind, DateTimeOffset now)
    {
        if (kind != ListKind.Tools)
        {
            return;
        }

        foreach (var slot in _slots.Shared)
        {
            if (slot.Phase == SlotPhase.Ready)
            {
                ServeWaiters(slot, now);
            }
        }
    }

    // What is known of tools steers their calls, so it is had early.
    private void FetchUnknownTools(DateTimeOffset now)
    {
        if (_book.Offered.Has(ListKind.Tools) && (_book.Current?.Tools is null || _book.IsStale(ListKind.Tools)))
        {
            FetchAll(_book.ToFetch(ListKinds.Tools, now), now);
        }
    }

    private void FetchAll(ListKinds kinds, DateTimeOffset now)
    {
        if (kinds == ListKinds.None)
        {
            return;
        }

        var slot = SlotForLists();
        foreach (var kind in Enum.GetValues<ListKind>())
        {
            if (kinds.Has(kind))
            {
                _book.Fetching(kind, now);
                var intent = new CallIntent(MethodOf(kind), null, slot, null, default, now + _settings.Timeout.List);
                Enter(_calls.Add(new CallId(--_lastFetch), intent, null, CallClass.SafeProtocol, kind), now);
            }
        }
    }

    // Any session or process that is there will do; a list is not worth another one.
    private SlotKey SlotForLists() => SharedIsThere() ? SlotKey.Shared : ReadySlot()?.Key ?? SlotKey.Shared;

    private bool ListsHaveSlot() => SharedIsThere() || ReadySlot() is not null;

    private bool SharedIsThere() => _slots.Shared.Any(slot => slot.Phase is SlotPhase.Ready or SlotPhase.Connecting);

    private Slot? ReadySlot() => _slots.All.FirstOrDefault(slot => slot.Phase == SlotPhase.Ready);

    private void AnswerFetch(PendingCall call, IServerReply reply, DateTimeOffset now)
    {
        var kind = call.Fetches!.Value;
        switch (reply)
        {
            case Admitted admitted:
                Effects.Add(new ServerEffect.FetchList(call.Id, kind, admitted.Connection, admitted.AttemptTimeout));
                break;
            case Rejected rejected:
                _book.Failed(kind, rejected.Text, now);
                break;
            case GaveUp gaveUp:
                _book.Failed(kind, call.FailureText ?? gaveUp.Text, now);
                break;
            default:
                _book.Failed(kind, "not available", now);
                break;
        }
    }

    private void Learn(ListKind kind, ListPage page, DateTimeOffset now)
    {
        var before = _book.Current?[kind];
        var copy = new ListCopy(kind, page.Items, now, page.Ttl ?? CatalogueBook.DefaultTtl, page.Scope, ToolFactsReader.Hash(page.Items));
        var wasStale = _book.IsStale(kind);
        if (!_book.Learn(copy))
        {
            return;
        }

        Record(new ListLearned(Server, now, kind, copy.Hash, ListJson.Join(copy.Items), copy.Ttl, copy.Scope));
        if (before is not null && !wasStale)
        {
            // The upstream did not say so itself.
            _cache.Invalidate(kind.CacheKind(), keepForErrors: true);
            Effects.Add(new ServerEffect.AnnounceListChanged(kind));
        }
    }

    private void AnswerSettled(DateTimeOffset now, bool all = false)
    {
        foreach (var (id, kinds) in _book.TakeSettled(now, all))
        {
            Effects.Add(new ServerEffect.AnswerCatalogue(id, _book.Answer(Server, kinds, Unusable() ?? OpenReason(), now)));
        }
    }

    private string? Unusable() => !_settings.Exists ? "there is no such server"
        : !_settings.Enabled ? "disabled"
        : _draining ? "moving to another node"
        : null;

    private string? OpenReason() => _circuit.State.EffectivePhase == CircuitPhase.Open ? $"the circuit is open: {_circuit.State.Reason}" : null;

    private static McpMethod MethodOf(ListKind kind) => kind switch
    {
        ListKind.Tools => McpMethod.ToolsList,
        ListKind.Prompts => McpMethod.PromptsList,
        ListKind.Resources => McpMethod.ResourcesList,
        _ => McpMethod.ResourceTemplatesList,
    };
}
