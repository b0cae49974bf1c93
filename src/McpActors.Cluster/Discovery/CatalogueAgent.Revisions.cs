using Akka.Actor;
using Akka.Event;
using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>Puts the cluster's revision in force: the own file where it is the same, else the content as the coordinator tells it.</summary>
internal sealed partial class CatalogueAgent
{
    private const string ContentTimer = "content";
    private const int FaultsLogged = 10;

    /// <summary>Between questions for a part that does not come.</summary>
    private static readonly TimeSpan ContentAgain = TimeSpan.FromSeconds(2);

    private ContentCollector? _collector;
    private string? _reading;
    private string? _untold;
    private (RevisionStanding Standing, string AgreedHash) _told;

    /// <summary>Whether the cluster's revision is in force here, or it is known why not.</summary>
    private bool IsFollowing => _holder.Agreement is { } agreed
        && (agreed.Hash.Length == 0 || agreed.Hash == _holder.File.Hash || agreed.Hash == _holder.Unreadable?.Hash || agreed.Hash == _untold);

    private void ReceiveRevisions()
    {
        Receive<ContentPart>(OnContentPart);
        Receive<ContentDue>(_ => AskContent());
        Receive<RevisionRead>(OnRevisionRead);
    }

    /// <summary>Does what is left to do until the cluster's revision is in force here.</summary>
    private void Follow()
    {
        // What becomes of the own file decides; taking the revision that it replaces would only stop servers and start them again.
        if (_holder.Agreement is not { } agreed || (_offer is not null && !_refused))
            return;
        if (agreed.Hash.Length > 0 && agreed.Hash != _holder.File.Hash)
        {
            if (agreed.Hash == _holder.Own.Hash)
                Publish(_holder.Take(_holder.Own));
            else if (_collector?.Hash != agreed.Hash && _reading != agreed.Hash)
                Collect(agreed.Hash);
        }

        Followed();
    }

    private void Followed()
    {
        TellStanding();
        if (!IsFollowing)
            return;
        _events.InStep.TrySetResult();
        TellOutcome();
    }

    private void Collect(string hash)
    {
        _collector = new ContentCollector(hash);
        AskContent();
    }

    private void AskContent()
    {
        if (_collector is null)
            return;
        _coordinator.Tell(_collector.Wanted, Self);
        Timers.StartSingleTimer(ContentTimer, ContentDue.Instance, ContentAgain);
    }

    private void OnContentPart(ContentPart part)
    {
        if (_collector is not { } collector || part.Hash != collector.Hash)
            return;
        if (part.Total == 0)
        {
            // Stored by a version that kept the hash alone, or replaced by another meanwhile: news or the next question tell.
            _collector = null;
            _untold = part.Hash;
            Followed();
        }
        else if (collector.Add(part) is not null)
        {
            AskContent();
        }
        else if (collector.Content is { } content)
        {
            _collector = null;
            Timers.Cancel(ContentTimer);
            Read(new RevisionContent(part.Hash, content));
        }
    }

    private void Read(RevisionContent revision)
    {
        _reading = revision.Hash;
        var (reader, own) = (_reader, _holder.Own);
        // It reads files, and takes its time with thousands of servers.
        Task.Run(() => reader.Read(revision, own)).PipeTo(
            Self,
            success: reading => new RevisionRead(revision.Hash, reading),
            failure: fault => new RevisionRead(revision.Hash, new RevisionReading(null, [fault.Message])));
    }

    private void OnRevisionRead(RevisionRead read)
    {
        _reading = null;
        if (read.Hash != _holder.Agreement?.Hash || read.Hash == _holder.Own.Hash)
        {
            Follow();
            return;
        }

        if (read.Reading.File is { } file)
        {
            if (_holder.File.Hash != file.Hash)
                _log.Info("Revision {Revision} of the configuration is in force here, with {Count} servers", _holder.Agreement.Revision, file.Servers.Count);
            Publish(_holder.Take(file));
        }
        else
        {
            if (_holder.Unreadable?.Hash != read.Hash)
                _log.Error("Revision {Revision} of the configuration cannot be taken here, and the last good one stays in force: {Faults}",
                    _holder.Agreement.Revision, string.Join("; ", read.Reading.Faults.Take(FaultsLogged)));
            _holder.Keep(new UnreadableRevision(read.Hash, read.Reading.Faults));
        }

        Followed();
    }

    private void TellStanding()
    {
        var here = _holder.Revision;
        if ((here.Standing, here.AgreedHash) == _told)
            return;
        _told = (here.Standing, here.AgreedHash);
        _events.Raise(here);
    }

    private sealed record RevisionRead(string Hash, RevisionReading Reading) : INoSerializationVerificationNeeded;

    private sealed record ContentDue : INoSerializationVerificationNeeded
    {
        public static ContentDue Instance { get; } = new();
    }
}
