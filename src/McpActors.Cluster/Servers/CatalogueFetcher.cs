using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Transports;

namespace McpActors.Cluster.Servers;

/// <summary>Fetches one list of an upstream with all its pages, as the gateway itself and not for a client.</summary>
internal static class CatalogueFetcher
{
    /// <summary>More pages than any honest list has; beyond it a server gives cursors without end.</summary>
    private const int MostPages = 200;

    /// <summary>Fetches the list; the result is <see cref="Fetched"/> or <see cref="NotFetched"/>, never an exception.</summary>
    public static async Task<object> FetchAsync(IUpstreamConnection? connection, ServerEffect.FetchList effect, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        if (connection is null)
        {
            return Failed(effect, AttemptResult.Reset, sent: false, "the connection had gone", start);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(effect.Timeout);
        try
        {
            return new Fetched(effect.Fetch, await ReadAllAsync(connection, effect.Kind, limit.Token), Stopwatch.GetElapsedTime(start));
        }
        catch (UpstreamException e)
        {
            return new NotFetched(effect.Fetch, e.ToOutcome(Stopwatch.GetElapsedTime(start)), e.Message);
        }
        catch (RequestRefusedException e)
        {
            var result = e.Code == McpErrorCodes.InternalError ? AttemptResult.InternalError : AttemptResult.ProtocolError;
            return new NotFetched(effect.Fetch, new AttemptOutcome(result, Sent: true, FirstByte: true, Stopwatch.GetElapsedTime(start), ErrorCode: e.Code), e.Message);
        }
        catch (JsonException e)
        {
            return Failed(effect, AttemptResult.Malformed, sent: true, e.Message, start);
        }
        catch (OperationCanceledException)
        {
            return ct.IsCancellationRequested
                ? Failed(effect, AttemptResult.Cancelled, sent: true, "stopped", start)
                : Failed(effect, AttemptResult.Timeout, sent: true, $"no answer within {effect.Timeout.TotalSeconds:0.#} s", start);
        }
        catch (Exception e)
        {
            // A defect must not leave those that wait for the list without an answer; it shows as a failure of this list.
            return Failed(effect, AttemptResult.Malformed, sent: true, $"internal fault: {e.GetType().Name}", start);
        }
    }

    private static async Task<ListPage> ReadAllAsync(IUpstreamConnection connection, ListKind kind, CancellationToken ct)
    {
        var first = await ReadPageAsync(connection, kind, null, ct);
        if (first.NextCursor is null)
        {
            return first;
        }

        var items = new List<ListItem>(first.Items);
        var ttl = first.Ttl;
        var scope = first.Scope;
        var cursor = first.NextCursor;
        for (var pages = 1; cursor is not null; pages++)
        {
            if (pages == MostPages)
            {
                throw new JsonException($"the list has more than {MostPages} pages");
            }

            var page = await ReadPageAsync(connection, kind, cursor, ct);
            items.AddRange(page.Items);
            ttl = page.Ttl is null || ttl < page.Ttl ? ttl : page.Ttl;
            scope = page.Scope == CacheScope.Private ? CacheScope.Private : scope;
            cursor = page.NextCursor;
        }

        return new ListPage(items, null, ttl, scope);
    }

    private static async Task<ListPage> ReadPageAsync(IUpstreamConnection connection, ListKind kind, string? cursor, CancellationToken ct) =>
        ListPage.Read(await OwnRequests.AskAsync(connection, MethodOf(kind), cursor, ct), kind);

    private static McpMethod MethodOf(ListKind kind) => kind switch
    {
        ListKind.Tools => McpMethod.ToolsList,
        ListKind.Prompts => McpMethod.PromptsList,
        ListKind.Resources => McpMethod.ResourcesList,
        _ => McpMethod.ResourceTemplatesList,
    };

    private static NotFetched Failed(ServerEffect.FetchList effect, AttemptResult result, bool sent, string text, long start) =>
        new(effect.Fetch, new AttemptOutcome(result, sent, FirstByte: false, Stopwatch.GetElapsedTime(start)), text);

    /// <summary>The list, all its pages as one.</summary>
    internal sealed record Fetched(CallId Fetch, ListPage Page, TimeSpan Latency) : INoSerializationVerificationNeeded;

    /// <summary>The list could not be fetched.</summary>
    internal sealed record NotFetched(CallId Fetch, AttemptOutcome Outcome, string Text) : INoSerializationVerificationNeeded;
}
