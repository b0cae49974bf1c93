using System.Buffers;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports.Handshake;

/// <summary>What is known before a handshake.</summary>
/// <param name="Forced">The revision the operator fixed; nothing else is tried then.</param>
/// <param name="Remembered">What the server spoke last time; tried first.</param>
/// <param name="Profile">The client it is for.</param>
internal sealed record HandshakePlan(ProtocolRevision? Forced, ProtocolRevision? Remembered, ClientProfile? Profile);

/// <summary>
/// Finds out which era a server belongs to and opens the connection accordingly. <c>server/discover</c> comes first: it has no side effects,
/// whereas a lax old server might execute a modern call. What says nothing about the era (credentials, overload, a lost connection) ends the
/// handshake instead of deciding it.
/// </summary>
internal sealed class EraProbe(IHandshakePeer peer, HandshakePlan plan, TransportSettings settings, TimeProvider time)
{
    /// <summary>Opens the connection.</summary>
    /// <exception cref="UpstreamException">It did not work.</exception>
    public async Task<PeerInfo> RunAsync(CancellationToken ct)
    {
        var info = await ChooseAsync(ct);
        peer.Peer = info;
        return info;
    }

    private async Task<PeerInfo> ChooseAsync(CancellationToken ct)
    {
        if (plan.Forced is { } forced)
        {
            return forced.IsModern ? (await DiscoverAsync(ct)).Required() : (await InitializeAsync(ct)).Required();
        }

        var legacyFirst = plan.Remembered is { IsModern: false };
        var first = legacyFirst ? await TryInitializeAsync(ct) : await DiscoverAsync(ct);
        if (first.Peer is { } peer)
        {
            return peer;
        }

        var second = legacyFirst ? await DiscoverAsync(ct) : await TryInitializeAsync(ct);
        return second.Peer ?? Attempt.Failed($"{first.Why}; {second.Why}").Required();
    }

    private async Task<Attempt> TryInitializeAsync(CancellationToken ct)
    {
        try
        {
            return await InitializeAsync(ct);
        }
        catch (UpstreamException fault) when (MeansOtherEra(fault))
        {
            return Attempt.Failed($"initialize: {fault.Message}");
        }
    }

    private async Task<Attempt> DiscoverAsync(CancellationToken ct)
    {
        var revision = plan.Forced is { IsModern: true } forced ? forced : ProtocolRevision.NewestModern;
        peer.Speak(revision);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), patience, settings.ProbeTimeout, Timeout.InfiniteTimeSpan);
        HandshakeReply reply;
        try
        {
            reply = await AskAsync(HandshakeMessages.Discover(peer.NextRequestId(), revision, ClientIdentity.Of(null)), patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Attempt.Failed($"server/discover: no answer for {settings.ProbeTimeout.TotalSeconds:0.#} s");
        }
        catch (UpstreamException fault) when (MeansOtherEra(fault))
        {
            return Attempt.Failed($"server/discover: {fault.Message}");
        }

        return JudgeDiscover(reply);
    }

    private static Attempt JudgeDiscover(HandshakeReply reply)
    {
        if (!reply.IsError)
        {
            var versions = reply.SupportedVersions ?? [];
            return Best(versions, modern: true) is { } revision
                ? Attempt.Succeeded(reply.ToPeer(revision))
                : Attempt.Failed($"server/discover named no revision known here ({string.Join(", ", versions)})");
        }

        switch (reply.ErrorCode)
        {
            // A list of old revisions is as good as saying: initialize. Any other refusal of this kind comes from a modern server.
            case McpErrorCodes.UnsupportedProtocolVersion when Best(reply.SupportedByError, modern: false) is not null:
                return Attempt.Failed($"server/discover: {reply.ErrorText}");
            case McpErrorCodes.UnsupportedProtocolVersion:
                throw new UpstreamException(
                    AttemptResult.ProtocolError,
                    $"the server speaks no revision known here, only: {string.Join(", ", reply.SupportedByError)}");
            case McpErrorCodes.HeaderMismatch or McpErrorCodes.MissingClientCapability:
                throw new UpstreamException(AttemptResult.ProtocolError, $"the server refused server/discover: {reply.ErrorText}");
            default:
                return Attempt.Failed($"server/discover: {reply.ErrorText}");
        }
    }

    private async Task<Attempt> InitializeAsync(CancellationToken ct)
    {
        var revision = plan.Forced is { IsModern: false } forced ? forced
            : plan.Profile?.Revision is { IsModern: false } asked ? asked
            : ProtocolRevision.NewestLegacy;
        peer.Speak(null);
        var reply = await AskAsync(HandshakeMessages.Initialize(peer.NextRequestId(), revision, ClientIdentity.Of(plan.Profile)), ct);
        if (reply.IsError)
        {
            return reply.ErrorCode is McpErrorCodes.MethodNotFound or McpErrorCodes.HeaderMismatch or McpErrorCodes.MissingClientCapability or McpErrorCodes.UnsupportedProtocolVersion
                ? Attempt.Failed($"initialize: {reply.ErrorText}")
                : throw new UpstreamException(ResultOf(reply.ErrorCode), $"the server refused initialize: {reply.ErrorText}");
        }

        if (Best([reply.ProtocolVersion ?? ""], modern: false) is not { } negotiated)
        {
            throw new UpstreamException(AttemptResult.ProtocolError, $"the server answered initialize with a revision not known here: {reply.ProtocolVersion}");
        }

        peer.Speak(negotiated);
        await peer.PostAsync(HandshakeMessages.Initialized, ct);
        return Attempt.Succeeded(reply.ToPeer(negotiated));
    }

    private async Task<HandshakeReply> AskAsync(UpstreamRequest request, CancellationToken ct)
    {
        await using var exchange = await peer.SendAsync(request, ct);
        while (true)
        {
            var message = await exchange.ReadAsync(ct);
            if (message.Envelope.Kind is JsonRpcKind.Response or JsonRpcKind.ErrorResponse)
            {
                return new HandshakeReply(message.Envelope, message.Body.ToArray());
            }
        }
    }

    /// <summary>Whether the failure is what a server of the other era does. A redirect is a matter of the address, not of the era.</summary>
    private static bool MeansOtherEra(UpstreamException fault)
        => fault.Result is AttemptResult.ProtocolError or AttemptResult.Malformed && fault.StatusCode is not (>= 300 and < 400);

    private static AttemptResult ResultOf(int code) => code == McpErrorCodes.InternalError ? AttemptResult.InternalError : AttemptResult.ProtocolError;

    private static ProtocolRevision? Best(IEnumerable<string> versions, bool modern)
    {
        ProtocolRevision? best = null;
        foreach (var text in versions)
        {
            if (ProtocolRevision.TryParse(text, out var revision) && revision.IsModern == modern && (best is null || revision > best))
            {
                best = revision;
            }
        }

        return best;
    }

    /// <summary>How the handshake of one era went.</summary>
    private readonly record struct Attempt(PeerInfo? Peer, string Why)
    {
        public static Attempt Succeeded(PeerInfo peer) => new(peer, "");

        public static Attempt Failed(string why) => new(null, why);

        public PeerInfo Required() => Peer ?? throw new UpstreamException(AttemptResult.ProtocolError, $"the server does not speak the expected protocol: {Why}");
    }
}
