using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>One attempt of a call: how it ended, and the answer's bytes for as long as it is not disposed. Disposing an unfinished one cancels it upstream.</summary>
internal sealed class Attempt(DownstreamCall call) : IAsyncDisposable
{
    private List<long>? _asked;

    /// <summary>The call it is one of.</summary>
    public DownstreamCall Call => call;

    /// <summary>How it ended.</summary>
    public AttemptOutcome Outcome { get; private set; }

    /// <summary>What happened, in words without secrets.</summary>
    public string? Detail { get; private set; }

    /// <summary>What may be cached and shared of it.</summary>
    public CacheFill? Fill { get; set; }

    /// <summary>Whether the server answered, be it with an error.</summary>
    public bool HasAnswer { get; private set; }

    /// <summary>The server's answer, with its changes for the client.</summary>
    public DownstreamAnswer Answer { get; private set; }

    /// <summary>Whether a message came before the answer.</summary>
    public bool FirstByte { get; set; }

    /// <summary>The request in flight.</summary>
    public IUpstreamExchange? Exchange { get; set; }

    /// <summary>Where the response is scanned into.</summary>
    public JsonRpcEnvelope Scratch { get; } = Envelopes.Rent();

    /// <summary>The changes on the way up.</summary>
    public SplicePlan Up { get; } = SplicePlans.Rent();

    /// <summary>The changes on the way down, of one message after the other.</summary>
    public SplicePlan Down { get; } = SplicePlans.Rent();

    /// <summary>Requests of the server that were passed on to the client and are void when the attempt ends.</summary>
    public IReadOnlyList<long> Asked => _asked ?? (IReadOnlyList<long>)[];

    /// <summary>Notes a request of the server.</summary>
    public void Ask(long id) => (_asked ??= []).Add(id);

    /// <summary>It failed.</summary>
    public Attempt Fail(in AttemptOutcome outcome, string? detail)
    {
        Outcome = outcome;
        Detail = detail;
        return this;
    }

    /// <summary>The server answered.</summary>
    public void Answered(in AttemptOutcome outcome, in UpstreamMessage message)
    {
        Outcome = outcome;
        HasAnswer = true;
        Answer = new DownstreamAnswer(message.Envelope, message.Body, Down);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Exchange is not null)
            await Exchange.DisposeAsync();
        Exchange = null;
        HasAnswer = false;
        Envelopes.Return(Scratch);
        SplicePlans.Return(Up);
        SplicePlans.Return(Down);
    }
}
