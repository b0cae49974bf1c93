using Akka.Actor;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// Answers: at once or late, alone or with others in one message to another node.
internal sealed partial class ServerActor
{
    /// <summary>Bytes of the texts and results of answers from which on they are sent before the others; one answer alone may have more.</summary>
    private const int MostAnswered = 16 * 1024;

    private readonly Dictionary<long, Caller> _callers = [];

    // The answers to the bundle at hand; null while none is.
    private List<CallAnswer>? _answers;
    private int _answered;

    private Caller Asking => new(Sender, InBundle: _answers is not null);

    // Each command as if it had come alone.
    private void OnBundle(BundleProtocol.Said bundle)
    {
        _answers = [];
        _answered = 0;
        try
        {
            foreach (var command in bundle.Commands)
            {
                if (!TakeCall(command))
                {
                    Unhandled(command);
                }
            }

            if (bundle.Number != 0 || _answers.Count > 0)
            {
                Sender.Tell(new BundleProtocol.Answered(_server, bundle.Number, _answers));
            }
        }
        finally
        {
            _answers = null;
        }
    }

    // Null: the answer comes later, so the sender is remembered.
    private void Answer(CallId call, IServerReply? reply)
    {
        if (reply is null)
        {
            _callers[call.Value] = Asking;
            return;
        }

        Count(reply);
        if (_answers is null)
        {
            Send(Sender, reply);
        }
        else
        {
            Gather(new CallAnswer(call, (IServerReply)Fit(Sender, reply)));
        }
    }

    private void Gather(CallAnswer answer)
    {
        var bytes = SizeOf(answer.Reply);
        if (_answers!.Count > 0 && _answered + bytes > MostAnswered)
        {
            Sender.Tell(new BundleProtocol.Answered(_server, 0, _answers));
            _answers = [];
            _answered = 0;
        }

        _answers.Add(answer);
        _answered += bytes;
    }

    private static int SizeOf(IServerReply reply) => reply switch
    {
        CacheHit hit => hit.Result.Length,
        Rejected rejected => rejected.Text.Length,
        GaveUp gaveUp => gaveUp.Text.Length,
        Admitted { Tool.HeaderParameters: { Count: > 0 } headers } => headers.Sum(header => header.Header.Length + header.Path.Sum(step => step.Length)),
        _ => 0,
    };

    // A caller that left meanwhile is no longer known.
    private void AnswerLate(ServerEffect.Reply reply)
    {
        Count(reply.Answer);
        if (_callers.Remove(reply.Call.Value, out var caller))
        {
            Send(caller, reply.Call, reply.Answer);
        }
    }

    // Nobody waits for an actor that is no more; what waits here has not been sent, or may be sent again.
    private void RefuseCallers()
    {
        foreach (var (id, caller) in _callers)
        {
            var call = new CallId(id);
            Send(caller, call, new Rejected(call, RejectReason.Unavailable, null, TimeSpan.FromSeconds(1), $"the actor of '{_server}' has just stopped"));
        }

        _callers.Clear();
    }

    private void Count(IServerReply reply)
    {
        switch (reply)
        {
            case Admitted { Attempt: > 1 }:
                _node.Metrics.Retried(_server);
                break;
            case Rejected rejected:
                _node.Metrics.Rejected(_server, rejected.Reason);
                break;
            case GaveUp gaveUp:
                _node.Metrics.RetryDenied(_server, gaveUp.Reason);
                break;
            case CacheHit { Stale: true }:
                _node.Metrics.CacheUsed(_server, CacheUse.Stale);
                break;
            default:
                break;
        }
    }

    private void Send(in Caller caller, CallId call, IServerReply reply)
    {
        if (caller.InBundle)
        {
            caller.Ref.Tell(new BundleProtocol.Answered(_server, 0, [new CallAnswer(call, (IServerReply)Fit(caller.Ref, reply))]));
        }
        else
        {
            Send(caller.Ref, reply);
        }
    }

    private void Send(IActorRef asker, object reply) => asker.Tell(Fit(asker, reply));

    private object Fit(IActorRef asker, object reply) =>
        asker.Path.Address.HasLocalScope || _node.Parcels is not { } parcels ? reply : Beside.Fit(WithHint(reply), parcels);

    /// <summary>Who waits for an answer about a call.</summary>
    /// <param name="Ref">Where the answer goes.</param>
    /// <param name="InBundle">Whether it is told with the id of the call, because others are told there too.</param>
    private readonly record struct Caller(IActorRef Ref, bool InBundle);
}
