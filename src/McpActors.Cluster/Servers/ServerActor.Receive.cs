using Akka.Actor;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Persistence;
using McpActors.Core.Servers.Bundles;
using McpActors.Core.Servers.Lease;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// Which message goes where. Written out, and not as handlers to register: those would be fifty objects of each server. What each call says comes first.
internal sealed partial class ServerActor
{
    private bool _serves;

    protected override bool Receive(object message) =>
        _serves ? TakeCall(message) || TakeCommand(message) || TakeFromUpstream(message) || TakeFromRecorder(message) || TakeOwn(message) : TakeLoading(message);

    private bool TakeLoading(object message)
    {
        switch (message)
        {
            case RecorderProtocol.Recovered recovered:
                OnRecovered(recovered);
                break;
            case ResultsLoaded loaded:
                OnResultsLoaded(loaded);
                break;
            case LoadingOver:
                OnLoadingOver();
                break;
            case RecorderProtocol.SecondWriterFound found:
                OnSecondWriter(found);
                break;
            case Terminated:
                OnRecorderStopped();
                break;
            case HandOff:
                Context.Stop(Self);
                break;
            case IdleCheck:
                break;
            default:
                Keep(message);
                break;
        }

        return true;
    }

    private bool TakeCall(object message)
    {
        switch (message)
        {
            case Admit admit:
                OnAdmit(admit);
                return true;
            case Complete complete:
                OnComplete(complete);
                return true;
            case AttemptFailed failed:
                OnAttemptFailed(failed);
                return true;
            case Abandon abandon:
                OnAbandon(abandon);
                return true;
            case BundleProtocol.Said bundle:
                OnBundle(bundle);
                return true;
            case CompleteBeside beside:
                OnCompleteBeside(beside);
                return true;
            default:
                return false;
        }
    }

    private bool TakeCommand(object message)
    {
        switch (message)
        {
            case GetCatalogue get:
                OnGetCatalogue(get);
                return true;
            case LeaseProtocol.Report report:
                OnLeaseReport(report);
                return true;
            case LeaseProtocol.HoldsNone none:
                OnHeard(none.Node);
                return true;
            case GetStatus:
                Send(Sender, StatusNow(Now));
                return true;
            case ProbeServer:
                OnProbe();
                return true;
            case ReleaseSlot release:
                OnReleaseSlot(release);
                return true;
            case IOperatorCommand order:
                OnOrder(order);
                return true;
            case NodeGone gone:
                OnNodeGone(gone);
                return true;
            case CatalogueChanged:
                Decide(Refresh);
                return true;
            case HandOff:
                OnHandOff();
                return true;
            default:
                return false;
        }
    }

    private bool TakeFromUpstream(object message)
    {
        switch (message)
        {
            case UpstreamPool.Opened opened:
                OnOpened(opened);
                return true;
            case UpstreamPool.NotOpened notOpened:
                OnNotOpened(notOpened);
                return true;
            case UpstreamInbox.Closed closed:
                OnClosed(closed);
                return true;
            case UpstreamInbox.Noticed noticed:
                OnNoticed(noticed);
                return true;
            case CatalogueFetcher.Fetched fetched:
                OnFetched(fetched);
                return true;
            case CatalogueFetcher.NotFetched notFetched:
                OnNotFetched(notFetched);
                return true;
            case UpstreamPing.Pinged pinged:
                OnPinged(pinged);
                return true;
            case ClosingDone:
                OnClosingDone();
                return true;
            default:
                return false;
        }
    }

    private bool TakeFromRecorder(object message)
    {
        switch (message)
        {
            case RecorderProtocol.Recorded recorded:
                OnRecorded(recorded);
                return true;
            case RecorderProtocol.RecordFailed failed:
                OnRecordFailed(failed);
                return true;
            case RecorderProtocol.Surfaced surfaced:
                OnSurfaced(surfaced);
                return true;
            case RecorderProtocol.Recovered recovered:
                OnRecovered(recovered);
                return true;
            case RecorderProtocol.SecondWriterFound found:
                OnSecondWriter(found);
                return true;
            case RecorderProtocol.Idle idle:
                _recorder.OnIdle(idle);
                return true;
            case RecorderProtocol.Sunk:
            case RestingRecorder.Gone:
                return true;
            case Terminated:
                OnRecorderStopped();
                return true;
            default:
                return false;
        }
    }

    private bool TakeOwn(object message)
    {
        switch (message)
        {
            case Tick:
                OnTick();
                return true;
            case FactsDue:
                OnFactsDue();
                return true;
            case IdleCheck:
                OnIdleCheck();
                return true;
            case ResultsLoaded loaded:
                OnResultsLoaded(loaded);
                return true;
            case StoreResultsDue:
                StoreResults();
                return true;
            case ResultsStored stored:
                OnResultsStored(stored);
                return true;
            case LeaveTimeOver:
                CloseAndStop();
                return true;
            default:
                return false;
        }
    }
}
