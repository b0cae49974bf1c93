using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Servers.Cache;

namespace McpActors.Cluster.Servers;

// Cached results over a restart, for servers with cache.persist: all. Written behind: what a kill takes along is fetched again.
internal sealed partial class ServerActor
{
    private IReadOnlyList<StoredEntry>? _loadedResults;
    private bool _awaitsResults;
    private bool _storingResults;

    private void LoadResults()
    {
        if (_node.Results is not { } table)
        {
            return;
        }

        var (mark, stopped) = (_decider.DefinitionMark, _stopped.Token);
        if (!_decider.PersistsResults)
        {
            // Where that fails, the next start tries again; nothing reads them until then.
            _storingResults = true;
            Task.Run(() => table.DropLeftoversAsync(_server, stopped), stopped)
                .PipeTo(Self, success: () => new ResultsStored(null), failure: _ => new ResultsStored(null));
            return;
        }

        _awaitsResults = true;
        // SQLite blocks its thread.
        Task.Run(() => table.LoadAsync(_server, mark, stopped), stopped)
            .PipeTo(Self, success: entries => new ResultsLoaded(entries, null), failure: fault => new ResultsLoaded([], fault));
    }

    private void OnResultsLoaded(ResultsLoaded message)
    {
        if (message.Fault is not null)
        {
            _log.Warning("The stored results of {Server} cannot be read ({Reason}); it serves without them", _server, StoreFault.Describe(message.Fault));
        }

        _loadedResults = message.Entries;
        RestoreResults();
        if (_awaitsResults && _decider.Recovered)
        {
            _awaitsResults = false;
            Serve();
        }

        _awaitsResults = false;
    }

    // Only once the journal is read too: it knows whether the cache was cleared since.
    private void RestoreResults()
    {
        if (_loadedResults is { } entries && _decider.Recovered)
        {
            _loadedResults = null;
            var taken = _decider.RestoreCache(entries, Now);
            _log.Debug("{Server} has {Count} results from before", _server, taken);
        }
    }

    private void ScheduleStoreResults()
    {
        if (_decider.HasCacheChanges && !_storingResults && !Timers.IsTimerActive(ResultsTimer))
        {
            Timers.StartSingleTimer(ResultsTimer, StoreResultsDue.Instance, _node.StoreResultsAfter);
        }
    }

    private void StoreResults()
    {
        if (_storingResults || !_decider.HasCacheChanges)
        {
            return;
        }

        Timers.Cancel(ResultsTimer);
        var changes = _decider.TakeCacheChanges();
        if (_node.Results is not { } table)
        {
            return;
        }

        _storingResults = true;
        var (mark, stopped) = (_decider.DefinitionMark, _stopped.Token);
        Task.Run(() => table.StoreAsync(_server, mark, changes, stopped), stopped)
            .PipeTo(Self, success: () => new ResultsStored(null), failure: fault => new ResultsStored(fault));
    }

    private void OnResultsStored(ResultsStored message)
    {
        _storingResults = false;
        if (message.Fault is not null && !_leaving)
        {
            _log.Warning("Results of {Server} cannot be stored ({Reason}); they are kept and stored later", _server, StoreFault.Describe(message.Fault));
            _decider.CacheChangesLost();
            Timers.StartSingleTimer(ResultsTimer, StoreResultsDue.Instance, _node.StoreResultsAgain);
        }

        if (_leaving)
        {
            CloseAndStop();
        }
        else
        {
            ScheduleStoreResults();
        }
    }

    private sealed record ResultsLoaded(IReadOnlyList<StoredEntry> Entries, Exception? Fault) : INoSerializationVerificationNeeded;

    private sealed record ResultsStored(Exception? Fault) : INoSerializationVerificationNeeded;

    private sealed record StoreResultsDue : INoSerializationVerificationNeeded
    {
        public static StoreResultsDue Instance { get; } = new();
    }
}
