using Akka.Actor;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

// Which message goes where, and what the recorder says to itself.
internal sealed partial class Recorder
{
    // Written out, and not as handlers to register: those would be fifteen objects of each recorder.
    protected override bool Receive(object message) => TakeFromOwner(message) || TakeFromWriter(message) || TakeOwn(message);

    private bool TakeFromOwner(object message)
    {
        switch (message)
        {
            case Record record:
                OnRecord(record);
                return true;
            case SaveSnapshot snapshot:
                OnSaveSnapshot(snapshot);
                return true;
            case Close:
                OnClose();
                return true;
            default:
                return false;
        }
    }

    private bool TakeFromWriter(object message)
    {
        switch (message)
        {
            case JournalWriter.Ready ready:
                OnReady(ready);
                return true;
            case JournalWriter.Written written:
                OnWritten(written);
                return true;
            case JournalWriter.Snapped snapped:
                _snapshotNr = snapped.SequenceNr;
                return true;
            case JournalWriter.WriterFailed failed:
                OnWriterFailed(failed);
                return true;
            case JournalWriter.Rejected rejected:
                OnRejected(rejected);
                return true;
            case Terminated:
                OnWriterStopped();
                return true;
            default:
                return false;
        }
    }

    private bool TakeOwn(object message)
    {
        switch (message)
        {
            case Retry:
                StartWriter();
                return true;
            case IdleDue:
                OnIdle();
                return true;
            case ConfirmDue due:
                OnConfirmDue(due.Id);
                return true;
            case DrainDue:
                Context.Stop(Self);
                return true;
            case GivenUpDue:
                WarnOfGivenUp();
                return true;
            default:
                return false;
        }
    }

    private sealed record Retry : INoSerializationVerificationNeeded
    {
        public static Retry Instance { get; } = new();
    }

    private sealed record IdleDue : INoSerializationVerificationNeeded
    {
        public static IdleDue Instance { get; } = new();
    }

    private sealed record GivenUpDue : INoSerializationVerificationNeeded
    {
        public static GivenUpDue Instance { get; } = new();
    }

    private sealed record DrainDue : INoSerializationVerificationNeeded
    {
        public static DrainDue Instance { get; } = new();
    }

    private sealed record ConfirmDue(long Id) : INoSerializationVerificationNeeded;
}
