using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.ConformanceServer;

/// <summary>Tools of the official suite that ask for input by their result, as 2026-07-28 does, and come back with it.</summary>
[McpServerToolType]
internal sealed class InputTools
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    [McpServerTool(Name = "test_input_required_result_elicitation"), Description("Asks for a name.")]
    public static string Elicit(RequestContext<CallToolRequestParams> context)
    {
        var name = Read(Answer(context, "user_name"))?.Content?["name"].GetString();
        return name is null
            ? throw Need(("user_name", InputRequest.ForElicitation(Shapes.Ask("What is your name?", "name"))))
            : $"Hello, {name}!";
    }

    [McpServerTool(Name = "test_input_required_result_sampling"), Description("Asks the client's model.")]
    public static string Sample(RequestContext<CallToolRequestParams> context) =>
        Answer(context, "capital_question")?.Deserialize(InputResponse.CreateMessageResultJsonTypeInfo) is { } answer
            ? Shapes.TextOf(answer)
            : throw Need(("capital_question", InputRequest.ForSampling(Shapes.Sample("What is the capital of France?", 100))));

    [McpServerTool(Name = "test_input_required_result_list_roots"), Description("Asks for the client's roots.")]
    public static string Roots(RequestContext<CallToolRequestParams> context) =>
        Answer(context, "client_roots")?.Deserialize(InputResponse.ListRootsResultJsonTypeInfo) is { } answer
            ? string.Join(", ", answer.Roots.Select(root => root.Uri))
            : throw Need(("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())));

    [McpServerTool(Name = "test_input_required_result_request_state"), Description("Asks for a confirmation and keeps its state at the client.")]
    public static string State(RequestContext<CallToolRequestParams> context) =>
        Confirm(context, "request_state", "state-ok");

    [McpServerTool(Name = "test_input_required_result_tampered_state"), Description("As the one before; refuses a state it did not sign.")]
    public static string Tampered(RequestContext<CallToolRequestParams> context) =>
        Confirm(context, "tampered_state", "state-ok");

    [McpServerTool(Name = "test_input_required_result_multiple_inputs"), Description("Asks three things at once.")]
    public static string Several(RequestContext<CallToolRequestParams> context)
    {
        string[] keys = ["user_name", "greeting", "client_roots"];
        if (keys.All(key => Answer(context, key) is not null))
        {
            Verify(context, "several");
            return "All inputs received";
        }

        throw Need(
            "several",
            ("user_name", InputRequest.ForElicitation(Shapes.Ask("What is your name?", "name"))),
            ("greeting", InputRequest.ForSampling(Shapes.Sample("Generate a greeting", 50))),
            ("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())));
    }

    [McpServerTool(Name = "test_input_required_result_multi_round"), Description("Asks twice in turn.")]
    public static string Rounds(RequestContext<CallToolRequestParams> context)
    {
        if (Answer(context, "step2") is not null)
        {
            Verify(context, "round-2");
            return "Both steps done";
        }

        if (Answer(context, "step1") is null)
            throw Need("round-1", ("step1", InputRequest.ForElicitation(Shapes.Ask("Step 1: What is your name?", "name"))));
        Verify(context, "round-1");
        throw Need("round-2", ("step2", InputRequest.ForElicitation(Shapes.Ask("Step 2: What is your favorite color?", "color"))));
    }

    [McpServerTool(Name = "test_input_required_result_capabilities"), Description("Asks only for what the client declared.")]
    public static string Capabilities(RequestContext<CallToolRequestParams> context)
    {
        var requests = new List<(string, InputRequest)>();
        if (context.Server.ClientCapabilities?.Elicitation is not null)
            requests.Add(("user_name", InputRequest.ForElicitation(Shapes.Ask("What is your name?", "name"))));
        if (context.Server.ClientCapabilities?.Sampling is not null)
            requests.Add(("greeting", InputRequest.ForSampling(Shapes.Sample("Generate a greeting", 50))));
        return context.Params.InputResponses is { Count: > 0 } || requests.Count == 0 ? "done" : throw Need([.. requests]);
    }

    [McpServerTool(Name = "test_missing_capability"), Description("Needs a client with sampling.")]
    public static string Missing(McpServer server) => server.ClientCapabilities?.Sampling is null
        ? throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() })
        : "sampling is there";

    [McpServerTool(Name = "test_streaming_elicitation"), Description("Reports progress, then asks for a name.")]
    public static string Streaming(RequestContext<CallToolRequestParams> context, IProgress<ProgressNotificationValue> progress)
    {
        progress.Report(new ProgressNotificationValue { Progress = 50, Total = 100 });
        return Elicit(context);
    }

    /// <summary>What <c>prompts/get</c> of the suite asks for, in the same way.</summary>
    internal static string ContextOf(IDictionary<string, InputResponse>? responses) =>
        responses is not null && responses.TryGetValue("user_context", out var given)
            ? given.Deserialize(InputResponse.ElicitResultJsonTypeInfo)?.Content?["context"].GetString() ?? ""
            : throw Need(("user_context", InputRequest.ForElicitation(Shapes.Ask("What context should the prompt use?", "context"))));

    private static string Confirm(RequestContext<CallToolRequestParams> context, string purpose, string done)
    {
        if (context.Params.RequestState is not null)
            Verify(context, purpose);
        return Answer(context, "confirm") is null
            ? throw Need(purpose, ("confirm", InputRequest.ForElicitation(Shapes.Ask("Please confirm", "ok", "boolean"))))
            : done;
    }

    private static InputResponse? Answer(RequestContext<CallToolRequestParams> context, string key) =>
        context.Params.InputResponses is { } given && given.TryGetValue(key, out var answer) ? answer : null;

    /// <summary>The answer of the user; none if the client sent something else in its place, so that the tool asks again.</summary>
    private static ElicitResult? Read(InputResponse? answer)
    {
        try
        {
            return answer?.Deserialize(InputResponse.ElicitResultJsonTypeInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static InputRequiredException Need(params (string Key, InputRequest Request)[] requests) =>
        new(requests.ToDictionary(entry => entry.Key, entry => entry.Request), null);

    private static InputRequiredException Need(string purpose, params (string Key, InputRequest Request)[] requests) =>
        new(requests.ToDictionary(entry => entry.Key, entry => entry.Request), Sign(purpose));

    private static string Sign(string purpose) =>
        $"{purpose}.{Convert.ToHexString(HMACSHA256.HashData(s_key, Encoding.UTF8.GetBytes(purpose)))}";

    private static void Verify(RequestContext<CallToolRequestParams> context, string purpose)
    {
        var given = Encoding.UTF8.GetBytes(context.Params.RequestState ?? "");
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Sign(purpose))))
            throw new McpProtocolException("requestState failed its integrity check", McpErrorCode.InvalidParams);
    }
}
