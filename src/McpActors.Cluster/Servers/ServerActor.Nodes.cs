using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Nodes;
using McpActors.Core.Servers;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// Callers on other nodes: small answers, and permits that come back when their node dies.
internal sealed partial class ServerActor
{
    // A caller that fears for its question asks again under the same id: it takes one answer, whichever question that belongs to.
    private bool IsKnown(Admit message, DateTimeOffset now)
    {
        if (!_decider.Knows(message.Call))
        {
            return false;
        }

        if (_callers.ContainsKey(message.Call.Value))
        {
            _callers[message.Call.Value] = Asking;
        }
        else if (_decider.AnswerAgain(message.Call, now) is { } again)
        {
            // The answer was lost, or crossed the question; then nobody waits for this one.
            Send(Asking, message.Call, again);
        }

        return true;
    }

    private void OnNodeGone(NodeGone gone)
    {
        foreach (var call in _callers.Keys.Where(call => new CallId(call).Node == gone.Node).ToArray())
        {
            _callers.Remove(call);
        }

        // Its leases run out by themselves: it may only be out of reach, and go on calling as long as they live.
        ForgetHolders(gone.Node);
        Decide(now => _decider.AbandonOf(gone.Node, now));
    }

    private void OnCompleteBeside(CompleteBeside message) =>
        _node.Parcels!.FetchAsync(message.Result, _stopped.Token).PipeTo(
            Self,
            success: result => message.With(result),
            failure: lost =>
            {
                _log.Warning("A result of {Server} is not cached, because it could not be fetched: {Reason}", _server, lost.Message);
                return message.Without();
            });
}
